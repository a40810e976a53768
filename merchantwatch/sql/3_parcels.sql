{#- Rows of parcels exports → one row for each order: when all its parcels were picked up. One
    tracking number repeats in an export, and in exports of several days; one parcel may be of
    several orders. -#}
create table parcels as
with of_orders as (
    select
        platform,
        tracking_no,
        trim(unnest(string_split(order_id, {{ several }})), {{ blanks }}) as order_id,
        carrier,
        case when picked_up_at <= {{ as_of }} then picked_up_at end as picked_up_at
    from parcel_rows
    where problem is null
),

one_parcel as (
    select
        platform,
        order_id,
        tracking_no,
        max(carrier) as carrier,
        max(picked_up_at) as picked_up_at
    from of_orders
    where order_id <> ''
    group by platform, order_id, tracking_no
)

select
    platform,
    order_id,
    min(tracking_no) as tracking_no,
    max(carrier) as carrier,
    case when count(picked_up_at) = count(*) then max(picked_up_at) end as picked_up_at
from one_parcel
group by platform, order_id
