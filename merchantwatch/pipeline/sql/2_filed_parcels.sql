{#- Rows of parcels exports → parcels, filed under every key that a line may look them up by: the line's
    id; where a row names no line, what stands for the order, which is an id of either until all lines
    are known; the order's for lines without ids (`whole`); and the tracking number where an order
    export has any. One tracking number repeats in an export, and in exports of several days; one parcel may be of
    several orders. A row without a tracking number only warns of a line. -#}
with of_orders as (
    select
        *,
        unnest(string_split(coalesce(order_id, ''), {{ several }})) as one_order
    from parcel_rows
    where problem is null
),

known as (
    select
        source,
        platform,
        tracking_no,
        line_id,
        {#- A cell of one id was cleaned when it was read; to trim all once more takes longer than all else here. #}
        case when contains(order_id, {{ several }}) then trim(one_order, {{ blanks }}) else one_order end as order_id,
        carrier,
        pickup_due_at,
        case when picked_up_at <= {{ as_of }} then picked_up_at end as picked_up_at,
        case when last_tracked_at <= {{ as_of }} then last_tracked_at end as last_tracked_at,
        case when delivered_at <= {{ as_of }} then delivered_at end as delivered_at,
        source in ({{ pickup_sources }}) as has_pickup,
        source in ({{ delivery_sources }}) as has_delivery
    from of_orders
),

one_parcel as (
    select
        platform,
        tracking_no,
        max(carrier) as carrier,
        max(picked_up_at) as picked_up_at,
        max(last_tracked_at) as last_tracked_at,
        max(delivered_at) as delivered_at,
        max(case when has_pickup then 1 else 0 end) = 1 as has_pickup,
        max(case when has_delivery then 1 else 0 end) = 1 as has_delivery
    from known
    where tracking_no is not null
    group by platform, tracking_no
),

filed as (
    select distinct
        source,
        platform,
        {%- if filing.is_decided %}
        case
            {%- for kind, sources in decided.items() %}
            when source in ({{ sources }}) then '{{ kind }}'
            {%- endfor %}
            else 'either'
        end as filed_by,
        {%- else %}
        'either' as filed_by,
        {%- endif %}
        order_id as key,
        tracking_no,
        pickup_due_at,
        has_pickup,
        has_delivery
    from known
    where line_id is null
    {%- if filing.names_lines %}

    union all

    select distinct
        source,
        platform,
        'line' as filed_by,
        line_id as key,
        tracking_no,
        pickup_due_at,
        has_pickup,
        has_delivery
    from known
    where line_id is not null
    {%- endif %}
    {%- if filing.whole %}

    union all

    select distinct
        source,
        platform,
        'whole' as filed_by,
        coalesce(order_id, line_id) as key,
        tracking_no,
        pickup_due_at,
        has_pickup,
        has_delivery
    from known
    {%- if filing.of_lines %}
    where source not in ({{ decided.line }})
    {%- endif %}
    {%- endif %}
    {%- if by_tracking %}

    union all

    select distinct
        source,
        platform,
        'tracking' as filed_by,
        tracking_no as key,
        tracking_no,
        pickup_due_at,
        has_pickup,
        has_delivery
    from known
    where tracking_no is not null
    {%- endif %}
)

select
    filed.source,
    filed.platform,
    filed.filed_by,
    filed.key,
    filed.tracking_no,
    filed.pickup_due_at,
    coalesce(one_parcel.has_pickup, filed.has_pickup) as has_pickup,
    coalesce(one_parcel.has_delivery, filed.has_delivery) as has_delivery,
    coalesce(filed.tracking_no, filed.key) as parcel,
    one_parcel.carrier,
    one_parcel.picked_up_at,
    one_parcel.last_tracked_at,
    one_parcel.delivered_at,
    dense_rank() over (order by filed.platform, filed.filed_by, filed.key) as number
from filed
left join one_parcel
    on filed.platform = one_parcel.platform and filed.tracking_no = one_parcel.tracking_no
where filed.key <> ''
