{#- For each tracking number that several orders have had, and each moment at which one of them was
    shipped: how many receivers it had within some days before and after.

    Of an order whose receiver cannot be identified it is only known that it has one. So the number is
    one where there is one order; null where there may be several and fewer than two are identified.
    Every receiver of a number (`who`) counts during the spans of time within those days of its
    shipments; the spans that hold at a moment are counted in one pass over all moments, since comparing
    every pair would take too long. -#}
with known as (
    select distinct platform, tracking_no, shipped_at, 'order' as what, order_key as who
    from shipments

    union all

    select distinct
        platform,
        tracking_no,
        shipped_at,
        case when receiver_key is null then 'unknown' else split_part(receiver_key, ' ', 1) end as what,
        coalesce(receiver_key, '') as who
    from shipments
),

apart as (
    select
        *,
        case
            when lag(shipped_at) over (partition by platform, tracking_no, what, who order by shipped_at)
                >= shipped_at - interval '{{ 2 * days }}' day then 0
            else 1
        end as begins
    from known
),

together as (
    select
        *,
        sum(begins) over (
            partition by platform, tracking_no, what, who
            order by shipped_at
            rows between unbounded preceding and current row
        ) as span
    from apart
),

spans as (
    select
        platform,
        tracking_no,
        what,
        min(shipped_at) - interval '{{ days }}' day as first_moment,
        max(shipped_at) + interval '{{ days }}' day as last_moment
    from together
    group by platform, tracking_no, what, who, span
),

moments as (
    select platform, tracking_no, first_moment as moment, 0 as turn, what, 1 as step
    from spans

    union all

    select platform, tracking_no, last_moment as moment, 2 as turn, what, -1 as step
    from spans

    union all

    select distinct platform, tracking_no, shipped_at as moment, 1 as turn, 'asked' as what, 0 as step
    from shipments
),

counted as (
    select
        platform,
        tracking_no,
        moment,
        turn
        {%- for what in ['order', 'unknown'] + kinds %},
        sum(case when what = '{{ what }}' then step else 0 end) over (
            partition by platform, tracking_no
            order by moment, turn
            rows between unbounded preceding and current row
        ) as of_{{ what }}
        {%- endfor %}
    from moments
)

select
    platform,
    tracking_no,
    moment as shipped_at,
    cast(case
        when of_order = 1 then 1
        when of_unknown = 0 and {% for kind in kinds %}least(of_{{ kind }}, 1){{ ' + ' if not loop.last }}{% endfor %} = 1
            then {% for kind in kinds %}of_{{ kind }}{{ ' + ' if not loop.last }}{% endfor %}
        when greatest(0{% for kind in kinds %}, of_{{ kind }}{% endfor %}) > 1
            then greatest(0{% for kind in kinds %}, of_{{ kind }}{% endfor %})
    end as bigint) as receivers
from counted
where turn = 1
