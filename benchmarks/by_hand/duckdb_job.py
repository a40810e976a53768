"""The five Douyin rules as a careful SQL user writes them; the same job as pandas_job.py.

``python duckdb_job.py AS_OF FILE...``
"""

import json
import sys
from pathlib import Path

import duckdb

READ = """
create table report as
select
    cast(regexp_extract(filename, '(\\d+)_[^/]*$', 1) as bigint) as exported,
    nullif(trim("子订单编号", E' \\t'), '-') as line,
    nullif(trim("商品ID", E' \\t'), '-') as product,
    "订单状态" as status,
    "售后状态" as after_sale,
    "取消原因" as reason,
    "商家备注" as note,
    nullif(nullif(trim("订单提交时间", E' \\t'), '-'), '') as created_text,
    nullif(nullif(trim("支付完成时间", E' \\t'), '-'), '') as paid_text,
    nullif(nullif(trim("承诺发货时间", E' \\t'), '-'), '') as promised_text,
    nullif(nullif(trim("发货时间", E' \\t'), '-'), '') as shipped_text,
    try_strptime(created_text, '%Y-%m-%d %H:%M:%S') as created,
    try_strptime(paid_text, '%Y-%m-%d %H:%M:%S') as paid,
    try_strptime(promised_text, '%Y-%m-%d %H:%M:%S') as promised,
    try_strptime(shipped_text, '%Y-%m-%d %H:%M:%S') as shipped,
    coalesce(line, '') = ''
        or regexp_full_match(line, '[\\d.]+[eE]\\+?\\d+')
        or (created_text is not null and created is null)
        or (paid_text is not null and paid is null)
        or (promised_text is not null and promised is null)
        or (shipped_text is not null and shipped is null) as bad
from read_csv($files, header = true, all_varchar = true, filename = true)
"""

NEWEST = """
create table newest as
select * from report where not bad
qualify row_number() over (partition by line order by exported desc, rowid desc) = 1
"""

ACCOUNTING = """
select
    (select count(*) from report) as rows_read,
    (select count(*) from newest where coalesce(created <= $as_of, true)) as lines,
    (select count(*) from report where bad) as quarantined,
    (select count(*) from report where not bad) - (select count(*) from newest) as superseded,
    (select count(*) from newest where created > $as_of) as later
"""

JUDGED = """
create table judged as
with line as (
    select *,
        case when paid <= $as_of then paid end as paid_at,
        case when shipped <= $as_of then shipped end as shipped_at,
        coalesce(promised, paid_at + interval '48' hour) as due,
        coalesce(shipped_at, $as_of) as ended,
        paid_at is not null and status <> '已关闭' as running,
        running and shipped_at is null as unshipped
    from newest
    where coalesce(created <= $as_of, true)
)
select
    product,
    unshipped and due < $as_of as overdue,
    unshipped and due between $as_of and $as_of + interval '24' hour as soon,
    running and ended > due as late,
    case when running then
        cast(ended > due as int)
        + cast(ended >= due + interval '24' hour as int)
        + cast(ended >= due + interval '48' hour as int)
    else 0 end as strikes,
    unshipped
        and regexp_matches(concat_ws(' ', reason, note, after_sale), '缺货|无货|断货|没货')
        and coalesce(after_sale not in ('退款成功', '已全额退款', '同意退款，退款成功'), true)
        as short
from line
"""

RULES = """
with product as (
    select count(*) filter (late) as late, count(*) filter (short) as short
    from judged where product is not null and (late or short) group by product
), shop as (
    select count(*) as short from judged where short
)
select 'DY100', count(*) filter (overdue), count(*) filter (overdue), count(*) filter (soon)
from judged
union all
select 'DY101', (select count(*) from judged where late),
    count(*) filter (late >= 3), count(*) filter (late = 2)
from product
union all
select 'DY102', count(*) filter (strikes >= 1), count(*) filter (strikes = 3),
    count(*) filter (strikes = 2)
from judged
union all
select 'DY201', (select count(*) from judged where short),
    count(*) filter (short > 10), count(*) filter (short between 8 and 10)
from product
union all
select 'DY202', short, cast(short > 10 as int), cast(short between 8 and 10 as int) from shop
"""


def main() -> None:
    """Read the command line, print the answer."""
    as_of, *files = sys.argv[1:]
    files.sort(key=lambda name: Path(name).name)
    db = duckdb.connect()
    moment = db.execute("select cast(? as timestamp)", [as_of]).fetchall()[0][0]
    db.execute(READ, {"files": files})
    db.execute(NEWEST)
    counted = db.execute(ACCOUNTING, {"as_of": moment})
    names = [column[0] for column in counted.description]
    accounting = dict(zip(names, counted.fetchall()[0], strict=True))
    db.execute(JUDGED, {"as_of": moment})
    rules = {
        code: {"hits": hits, "breached": breached, "near": near}
        for code, hits, breached, near in db.execute(RULES).fetchall()
    }
    print(json.dumps({"accounting": accounting, "rules": rules}))


if __name__ == "__main__":
    main()
