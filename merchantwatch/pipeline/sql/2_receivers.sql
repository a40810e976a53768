{#- For each tracking number that several orders have had, and each moment at which one of them was
    shipped: how many receivers it had within `days` days before and after that moment.

    An order whose receiver cannot be identified has one, but it is unknown which. So the count is 1 where
    there is one order, and null where there may be several and fewer than two are identified.

    A receiver (`who`) counts during spans of time: within `days` days of one of its shipments, overlapping
    spans joined. A span adds 1 at its first moment and -1 after its last; a running sum over all moments
    then counts the spans that contain a shipment. Comparing every pair would take too long. -#}
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

with_breaks as (
    select
        *,
        case
            when lag(shipped_at) over (partition by platform, tracking_no, what, who order by shipped_at)
                >= shipped_at - interval '{{ 2 * days }}' day then 0
            else 1
        end as begins_span
    from known
),

with_spans as (
    select
        *,
        sum(begins_span) over (
            partition by platform, tracking_no, what, who
            order by shipped_at
            rows between unbounded preceding and current row
        ) as span
    from with_breaks
),

spans as (
    select
        platform,
        tracking_no,
        what,
        min(shipped_at) - interval '{{ days }}' day as first_moment,
        max(shipped_at) + interval '{{ days }}' day as last_moment
    from with_spans
    group by platform, tracking_no, what, who, span
),

moments as (
    select platform, tracking_no, first_moment as moment, 0 as order_in_moment, what, 1 as change
    from spans

    union all

    select platform, tracking_no, last_moment as moment, 2 as order_in_moment, what, -1 as change
    from spans

    union all

    select distinct platform, tracking_no, shipped_at as moment, 1 as order_in_moment, 'asked' as what, 0 as change
    from shipments
),

counted as (
    select
        platform,
        tracking_no,
        moment,
        order_in_moment
        {%- for what in ['order', 'unknown'] + kinds %},
        sum(case when what = '{{ what }}' then change else 0 end) over (
            partition by platform, tracking_no
            order by moment, order_in_moment
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
where order_in_moment = 1
