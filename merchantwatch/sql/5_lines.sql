{#- Rows → lines as they stood at as-of: newest rows only, what happened later taken as missing,
    promises computed where the export states none, parcels joined. -#}
create view lines as
with newest as (
    select platformed.*
    from platformed
    left join superseded
        on platformed.source = superseded.source and platformed.source_row = superseded.source_row
    where platformed.problem is null and superseded.source is null
),

known as (
    select
        newest.source,
        newest.source_row,
        newest.platform,
        newest.line_id,
        newest.shop,
        newest.without_seconds,
        newest.amount_unread,
        newest.quantity_unread,
        {%- for field in plain %}
        newest.{{ field }},
        {%- endfor %}
        {%- for field in events %}
        case when newest.{{ field }} <= {{ as_of }} then newest.{{ field }} end as {{ field }},
        {%- endfor %}
        {% for field in events %}coalesce(newest.{{ field }} > {{ as_of }}, false) or {% endfor %}false as masked,
        case
            {%- if untold_status %}
            when newest.source in ({{ untold_status }}) then case
                when newest.completed_at <= {{ as_of }} or newest.delivered_at <= {{ as_of }} then 'completed'
                when newest.shipped_at <= {{ as_of }} then 'shipped'
                else 'to_ship' end
            {%- endif %}
            when newest.status is null then null
            when newest.status = 'closed' then 'closed'
            when newest.paid_at > {{ as_of }} then 'unpaid'
            when newest.shipped_at > {{ as_of }} and newest.status in ('part_shipped', 'shipped', 'completed') then 'to_ship'
            when (newest.completed_at > {{ as_of }} or newest.delivered_at > {{ as_of }}) and newest.status = 'completed' then 'shipped'
            else newest.status
        end as status
    from newest
    where newest.created_at is null or newest.created_at <= {{ as_of }}
)

select
    known.source,
    known.source_row,
    known.platform,
    known.line_id,
    known.shop,
    known.without_seconds,
    known.amount_unread,
    known.quantity_unread,
    known.masked,
    known.status,
    {%- for field in plain + events if field not in ('promised_ship_at', 'picked_up_at', 'tracking_no', 'carrier') %}
    known.{{ field }},
    {%- endfor %}
    coalesce(known.promised_ship_at, known.paid_at + interval '{{ promise_hours }}' hour) as promised_ship_at,
    known.promised_ship_at is null and known.paid_at is not null as promise_computed,
    {%- if parcels %}
    {%- for field in ('picked_up_at', 'tracking_no', 'carrier') %}
    coalesce(
        known.{{ field }},
        case when by_line.order_id is not null then by_line.{{ field }} else by_order.{{ field }} end
    ) as {{ field }},
    {%- endfor %}
    known.source in ({{ pickup_sources }}) or by_order.order_id is not null or by_line.order_id is not null as parcel_known
    {%- else %}
    known.picked_up_at,
    known.tracking_no,
    known.carrier,
    known.source in ({{ pickup_sources }}) as parcel_known
    {%- endif %}
from known
{%- if parcels %}
left join parcels as by_order
    on known.platform = by_order.platform and known.order_id = by_order.order_id
left join parcels as by_line
    on known.platform = by_line.platform and known.line_id = by_line.order_id
        and known.line_id <> coalesce(known.order_id, '')
{%- endif %}
