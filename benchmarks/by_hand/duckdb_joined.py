"""Ten rules over orders with their parcels and cases, as a careful SQL user judges by them.

``python duckdb_joined.py AS_OF FILE...``: the files are exports of orders, and ``parcels.csv`` and
``cases.csv`` beside them. It has the duties of duckdb_job.py.
"""

from datetime import datetime

import duckdb
from common import ALL, CLOSED, DAMAGED_ID, REFUNDED, SHORT, given_joined, show
from duckdb_job import accounted
from duckdb_reading import cells
from duckdb_rules import named

COLUMNS = {"主订单编号": "order_id", "订单应付金额": "amount", **ALL}
DONE = "已完成"
UNSHIPPED_REFUND = "未发货退款"
TO_ANSWER = "待商家处理"
RUNNING = (TO_ANSWER, "退款中", "售后待处理")

FILES = """read_csv(
    '{}', header = true, all_varchar = true, nullstr = ['-', ''], strict_mode = false
)"""
ID = "trim(\"{}\", E' \\t')"
TIME = "try_strptime(\"{}\", '%Y-%m-%d %H:%M:%S')"

PARCELS = f"""
create table parcel as
select
    order_id,
    number,
    max(case when picked <= $as_of then picked end) as picked,
    max(case when delivered <= $as_of then delivered end) as delivered
from (
    select
        {ID.format("订单编号")} as order_id,
        {ID.format("运单号")} as number,
        {TIME.format("揽收时间")} as picked,
        {TIME.format("签收时间")} as delivered
    from {{file}}
)
group by order_id, number
"""
"""A tracking number repeats in an export, and in those of several days."""

PARCELS_OF_ORDERS = """
create table sent as
select
    order_id,
    case when count(picked) = count(*) then max(picked) end as picked,
    case when count(delivered) = count(*) then max(delivered) end as delivered
from parcel
group by order_id
"""
"""An order is picked up, or delivered, once all its parcels are."""

CASES = f"""
create table asked as
select *
from (
    select
        {ID.format("商品单号")} as line,
        {ID.format("售后单号")} as number,
        "售后状态" as status,
        "售后类型" as kind,
        {TIME.format("售后申请时间")} as applied,
        coalesce({TIME.format("自动处理截止时间")}, applied + interval '48' hour) as answer_due,
        try_cast("退商品金额（元）" as decimal(18, 2)) as refund
    from {{file}}
)
where applied <= $as_of
qualify row_number() over (partition by line order by applied desc, number desc) = 1
"""

ROWS = f"""
create table row as
select
    *,
    unreadable or coalesce(regexp_full_match(line, '{DAMAGED_ID}'), true) as bad,
    coalesce(created > $as_of, false) as later
from ({{cells}})
"""

NEWEST = """
create table line as
select *
from row
where not bad
qualify row_number() over (partition by line order by exported desc, rowid desc) = 1
"""

JUDGED = f"""
create table judged as
select
    line.product,
    line.shop,
    line.later,
    case when line.paid <= $as_of then line.paid end as paid_at,
    case when line.shipped <= $as_of then line.shipped end as shipped_at,
    coalesce(line.promised, paid_at + interval '48' hour) as due,
    try_cast(replace(line.amount, ',', '') as decimal(18, 2)) as worth,
    coalesce(paid_at is not null and line.status <> '{CLOSED}', false) as running,
    case when asked.line is null then coalesce(line.after_sale in {REFUNDED}, false)
        else coalesce(asked.status in {REFUNDED} and asked.refund >= worth, false)
    end as refunded,
    running and shipped_at is null and not refunded as waiting,
    waiting and due < $as_of as overdue,
    waiting and due between $as_of and $as_of + interval '24' hour as soon,
    running and coalesce(shipped_at, $as_of) > due as late,
    waiting and regexp_matches(
        concat_ws(' ', line.reason, line.note, line.after_sale), '{"|".join(SHORT)}'
    ) as short,
    coalesce(
        shipped_at is not null and line.status not in ('{CLOSED}', '{DONE}')
        and sent.order_id is not null and sent.picked is null,
        false
    ) as unscanned,
    unscanned and shipped_at + interval '48' hour < $as_of as unscanned_48,
    unscanned and shipped_at + interval '24' hour < $as_of as unscanned_24,
    unscanned and shipped_at + interval '18' hour <= $as_of as unscanned_18,
    coalesce(shipped_at is not null and hour(sent.delivered) < 6, false) as at_night,
    coalesce(asked.status = '{TO_ANSWER}', false) as to_answer,
    coalesce(
        to_answer and asked.kind = '{UNSHIPPED_REFUND}' and paid_at is not null
        and shipped_at is null and worth <= 8000,
        false
    ) as fast_refund,
    coalesce(asked.status, line.after_sale) in {RUNNING} and running and shipped_at is null
        as before_shipping,
    coalesce(to_answer and asked.answer_due < $as_of, false) as answer_overdue
from line
left join sent on line.order_id = sent.order_id
left join asked on line.line = asked.line
"""
"""What each rule says of a line; what happened after as-of has not happened."""

COUNTS = """
with product as (
    select count(*) filter (late) as late, count(*) filter (short) as short
    from judged where product is not null and (late or short) group by shop, product
), shop as (
    select count(*) as short from judged where short group by shop
), total as (
    select
        count(*) filter (overdue) as overdue,
        count(*) filter (soon) as soon,
        count(*) filter (late) as late,
        count(*) filter (short) as short,
        count(*) filter (unscanned_48) as unscanned_48,
        count(*) filter (unscanned_24) as unscanned_24,
        count(*) filter (unscanned_18) as unscanned_18,
        count(*) filter (at_night) as at_night,
        count(*) filter (fast_refund) as fast_refund,
        count(*) filter (before_shipping) as before_shipping,
        count(*) filter (answer_overdue) as answer_overdue
    from judged
)
select 'DY100', overdue, overdue, soon from total
union all
select 'DY101', (select late from total),
    count(*) filter (late >= 3), count(*) filter (late = 2) from product
union all
select 'DY201', (select short from total),
    count(*) filter (short > 10), count(*) filter (short between 8 and 10) from product
union all
select 'DY202', (select short from total),
    count(*) filter (short > 10), count(*) filter (short between 8 and 10) from shop
union all
select 'DY301', unscanned_48, unscanned_48, unscanned_18 - unscanned_48 from total
union all
select 'DY302', unscanned_24, unscanned_24, unscanned_18 - unscanned_24 from total
union all
select 'DY309', at_night, at_night, 0 from total
union all
select 'DY408', fast_refund, fast_refund, 0 from total
union all
select 'IR107', before_shipping, 0, 0 from total
union all
select 'IR115', answer_overdue, 0, 0 from total
"""
"""The hits, the breached and the near findings of each rule; a signal has no findings."""


def main() -> None:
    """Read the command line, print the answer."""
    text, orders, beside = given_joined()
    db = duckdb.connect()
    as_of = {"as_of": datetime.fromisoformat(text)}
    reports = [
        f"select *, {number} as exported from ({cells(db, path, COLUMNS)})"
        for number, path in enumerate(orders)
    ]
    db.execute(ROWS.format(cells=" union all ".join(reports)), as_of)
    db.execute(PARCELS.format(file=FILES.format(beside["parcels"])), as_of)
    db.execute(PARCELS_OF_ORDERS)
    db.execute(CASES.format(file=FILES.format(beside["cases"])), as_of)
    db.execute(NEWEST)
    db.execute(JUDGED, as_of)
    accounting = accounted(db)
    db.execute("delete from judged where later")
    show(named(db.execute(COUNTS).fetchall()), accounting)


if __name__ == "__main__":
    main()
