"""The five Douyin rules as an SQL user writes them."""

from common import CLOSED, REFUNDED, SHORT

VERDICTS = f"""
    product,
    shop,
    case when paid <= $as_of then paid end as paid_at,
    case when shipped <= $as_of then shipped end as shipped_at,
    coalesce(promised, paid_at + interval '48' hour) as due,
    coalesce(shipped_at, $as_of) as ended,
    coalesce(paid_at is not null and status <> '{CLOSED}', false) as running,
    running and shipped_at is null as unshipped,
    coalesce(after_sale in {REFUNDED}, false) as refunded,
    unshipped and not refunded as waiting,
    waiting and due < $as_of as overdue,
    waiting and due between $as_of and $as_of + interval '24' hour as soon,
    running and ended > due as late,
    case when running and not refunded then
        cast(ended > due as int)
        + cast(ended >= due + interval '24' hour as int)
        + cast(ended >= due + interval '48' hour as int)
    else 0 end as strikes,
    waiting
        and regexp_matches(concat_ws(' ', reason, note, after_sale), '{"|".join(SHORT)}')
        as short
"""
"""What each rule says of a line; what happened after as-of has not happened."""

KEPT = "product, shop, overdue, soon, late, strikes, short"

COUNTS = """
with product as (
    select count(*) filter (late) as late, count(*) filter (short) as short
    from judged where product is not null and (late or short) group by shop, product
), shop as (
    select count(*) as short from judged where short group by shop
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
select 'DY202', (select count(*) from judged where short),
    count(*) filter (short > 10), count(*) filter (short between 8 and 10)
from shop
"""
"""The hits, the breached and the near findings of each rule, from the table of verdicts."""


def named(rows: list[tuple[str, int, int, int]]) -> dict[str, dict[str, int]]:
    """Name what COUNTS returned."""
    return {
        code: {"hits": hits, "breached": breached, "near": near}
        for code, hits, breached, near in rows
    }
