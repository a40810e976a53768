{#- Rows → lines as they stood at as-of: what happened later taken as missing, promises computed
    where the export states none, parcels joined. `left_out` is 0 for a line, 1 for a row that could
    not be understood, 2 for a line created later. -#}
with known as (
    select
        rows.source,
        rows.source_row,
        rows.problem,
        case
            when rows.problem is not null then 1
            when rows.created_at > {{ as_of }} then 2
            else 0
        end as left_out,
        rows.platform,
        rows.line_id,
        rows.shop,
        rows.without_seconds,
        rows.amount_unread,
        rows.quantity_unread,
        {%- for field in plain %}
        rows.{{ field }},
        {%- endfor %}
        {%- for field in events %}
        case when rows.{{ field }} <= {{ as_of }} then rows.{{ field }} end as {{ field }},
        {%- endfor %}
        {% for field in events %}coalesce(rows.{{ field }} > {{ as_of }}, false) or {% endfor %}false as masked,
        case
            {%- if untold_status %}
            when rows.source in ({{ untold_status }}) then case
                when rows.completed_at <= {{ as_of }} or rows.delivered_at <= {{ as_of }} then 'completed'
                when rows.shipped_at <= {{ as_of }} then 'shipped'
                else 'to_ship' end
            {%- endif %}
            when rows.status is null then null
            when rows.status = 'closed' then 'closed'
            when rows.paid_at > {{ as_of }} then 'unpaid'
            when rows.shipped_at > {{ as_of }} and rows.status in ('part_shipped', 'shipped', 'completed') then 'to_ship'
            when (rows.completed_at > {{ as_of }} or rows.delivered_at > {{ as_of }}) and rows.status = 'completed' then 'shipped'
            else rows.status
        end as status
    from ({{ rows }}) as rows
)

select
    known.source,
    known.source_row,
    known.problem,
    known.left_out,
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
