{#- Each stated line with each exemption that applies to it, and with its promise as that exemption would
    move it. A line has an exemption once, however many of the exemption's targets it fits. An id that some
    order has means that order, even where a line of another order has the same id. -#}
{%- macro others() -%}
(targets.product_id is null or targets.product_id = stated.product_id)
        and (targets.region is null or contains(stated.province, targets.region) or contains(stated.sender_province, targets.region))
        and (targets.shop is null or targets.shop = stated.shop)
{%- endmacro -%}
with targets as (
    select
        cast(number as integer) as number,
        cast(order_id as varchar) as order_id,
        cast(product_id as varchar) as product_id,
        cast(region as varchar) as region,
        cast(shop as varchar) as shop
    from (
        values
        {%- for target in targets %}
        ({{ target | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as rows(number, order_id, product_id, region, shop)
),

orders as (
    select distinct platform, order_id
    from stated
    where order_id in (select order_id from targets)
),

fits as (
    select stated.source, stated.source_row, targets.number
    from stated
    inner join targets on stated.order_id = targets.order_id
    where {{ others() }}

    union

    select stated.source, stated.source_row, targets.number
    from stated
    inner join targets on stated.line_id = targets.order_id
    left join orders on stated.platform = orders.platform and targets.order_id = orders.order_id
    where orders.order_id is null and {{ others() }}

    union

    select stated.source, stated.source_row, targets.number
    from stated
    inner join targets on stated.product_id = targets.product_id
    where targets.order_id is null and {{ others() }}

    union

    select stated.source, stated.source_row, targets.number
    from stated
    cross join targets
    where targets.order_id is null and targets.product_id is null and {{ others() }}
),

moved as (
    select
        {%- for name in columns if name != 'promised_ship_at' %}
        stated.{{ name }},
        {%- endfor %}
        stated.promised_ship_at as stated_promise,
        case
            when stated.promised_ship_at is null then null
            when exemptions.moved_to is not null then greatest(stated.promised_ship_at, exemptions.moved_to)
            when exemptions.moved_by is not null then stated.promised_ship_at + interval '1' second * exemptions.moved_by
            else stated.promised_ship_at
        end as promised_ship_at,
        {%- if 'delivery_known' not in columns %}
        true as delivery_known,
        {%- endif %}
        exemptions.number,
        exemptions.approved,
        exemptions.lifts,
        exemptions.covered,
        exemptions.first_at,
        exemptions.last_at,
        exemptions.basis,
        exemptions.moved_to,
        exemptions.moved_by
    from fits
    inner join stated
        on fits.source = stated.source and fits.source_row = stated.source_row
    inner join exemptions on fits.number = exemptions.number
)

select
    *
    {%- for name, sql in shared.items() %},
    {{ sql }} as {{ name }}
    {%- endfor %}
from moved
