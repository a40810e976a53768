{#- Each finding with the entries of the file of suppressions that match every line behind it. A line and
    an entry are joined by the first field that the entry names, then its other fields must match, too. An
    id that some order has means that order, even where a line of another order has the same id. `silent`
    is true for an entry in force. -#}
{%- set named = ['order_id', 'product_id', 'carrier', 'shop'] -%}
with entries as (
    select *
    from (
        values
        {%- for entry in entries %}
        ({{ entry | join(', ') }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as rows(number, choice, order_id, product_id, carrier, shop, silent)
),

choices as (
    select *
    from (
        values
        (-1, '')
        {%- for rule in rules %},
        ({{ rule | join(', ') }})
        {%- endfor %}
    ) as rows(choice, code)
),

orders as (
    select distinct platform, order_id
    from judged
    where order_id in (select order_id from entries)
),

lines as (
    select
        hits.code,
        hits.platform,
        hits.shop,
        hits.key,
        coalesce(shown.order_id, shown.line_id) as order_id,
        case when orders.order_id is null then shown.line_id end as line_id,
        shown.product_id,
        shown.carrier
    from hits
    inner join {{ counted }} as found
        on hits.code = found.code and hits.platform = found.platform
        and hits.shop is not distinct from found.shop and hits.key = found.key
    inner join shown
        on hits.source = shown.source and hits.source_row = shown.source_row
    left join orders
        on shown.platform = orders.platform and shown.line_id = orders.order_id
    where (hits.state = 'hit' or found.state = 'near') and hits.code in (select code from choices)
),

named as (
    {%- for field in named + ['line_id', ''] %}
    {{ 'union all' if not loop.first }}
    select lines.code, lines.platform, lines.shop, lines.key, entries.number, entries.silent
    from lines
    inner join choices on lines.code = choices.code
    inner join entries
        on entries.choice = choices.choice
        {%- if field == 'line_id' %}
        and entries.order_id = lines.line_id and entries.order_id <> lines.order_id
        {%- elif field %}
        and entries.{{ field }} = lines.{{ field }}
        {%- endif %}
        {%- for other in named %}
        {%- if field == 'line_id' and other == 'order_id' or other == field %}
        {%- elif field != 'line_id' and (not field or named.index(other) < named.index(field)) %}
        and entries.{{ other }} is null
        {%- else %}
        and coalesce(entries.{{ other }} = lines.{{ other }}, entries.{{ other }} is null)
        {%- endif %}
        {%- endfor %}
    {%- endfor %}
),

sizes as (
    select code, platform, shop, key, count(*) as size
    from lines
    group by code, platform, shop, key
)

select named.code, named.platform, named.shop, named.key, named.number, named.silent
from named
inner join sizes
    on named.code = sizes.code and named.platform = sizes.platform
    and named.shop is not distinct from sizes.shop and named.key = sizes.key
group by named.code, named.platform, named.shop, named.key, named.number, named.silent
having count(*) = max(sizes.size)
