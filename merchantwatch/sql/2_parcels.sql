{#- Rows of parcels exports → one row for each order: when all its parcels were picked up. One
    tracking number repeats in an export, and in exports of several days; one parcel may be of
    several orders. -#}
with of_orders as (
    select
        platform,
        tracking_no,
        trim(unnest(string_split(order_id, {{ several }})), {{ blanks }}) as order_id,
        carrier,
        case when picked_up_at <= {{ as_of }} then picked_up_at end as picked_up_at
    from ({{ rows }}) as parcel_rows
    where problem is null
),

one_parcel as (
    select
        platform,
        tracking_no,
        max(carrier) as carrier,
        max(picked_up_at) as picked_up_at
    from of_orders
    group by platform, tracking_no
),

named as (
    select distinct platform, order_id, tracking_no
    from of_orders
    where order_id <> ''
)

select
    named.platform,
    named.order_id,
    min(named.tracking_no) as tracking_no,
    max(one_parcel.carrier) as carrier,
    case when count(one_parcel.picked_up_at) = count(*) then max(one_parcel.picked_up_at) end as picked_up_at
from named
inner join one_parcel
    on named.platform = one_parcel.platform and named.tracking_no = one_parcel.tracking_no
group by named.platform, named.order_id
