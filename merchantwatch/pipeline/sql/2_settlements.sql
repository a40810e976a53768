{#- Which amounts of a line the refunds of a key settle, and when. Refunds add up: each settles lines whose
    amount is above `above` and at most `up_to`, the sums before it and with it. A refund of an unknown
    amount is whole if its type closes the order. A line of an unknown amount is settled by the first
    refund of such a type (`closes_first`). -#}
with refunded as (
    select
        number,
        case_id,
        coalesce(case_closed_at, case_answered_at, case_applied_at) as refunded_at,
        coalesce(case_type in ({{ closing }}), true) as closes,
        cast(coalesce(
            refund_amount,
            case when coalesce(case_type in ({{ closing }}), true) then {{ whole }} else 0 end
        ) as decimal(18, 2)) as paid_back
    from filed_cases
    where case_status = 'refunded'
),

summed as (
    select
        *,
        sum(paid_back) over (
            partition by number order by refunded_at nulls last, case_id rows between unbounded preceding and current row
        ) as up_to,
        row_number() over (partition by number order by refunded_at nulls last, case_id) as place,
        row_number() over (partition by number order by case when closes then 0 else 1 end, refunded_at nulls last, case_id) as by_type
    from refunded
)

select
    number,
    refunded_at,
    case when place = 1 then -1 else up_to - paid_back end as above,
    up_to,
    closes and by_type = 1 as closes_first
from summed
