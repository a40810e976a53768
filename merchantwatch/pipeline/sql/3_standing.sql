{#- Rows → lines as they stood at as-of: later events are taken as missing, the status follows them,
    promises are computed where the export states none (unless it is a pre-order), and parcels, cases and
    cross-line tables are joined. A line with the status unpaid is unpaid, even with a time of payment.

    `left_out` is 0 for a line, 1 for a row that could not be understood, 2 for a line created after as-of,
    3 for a row that is no record. Where rows are cached, `normal` is the row as it was normalised, and
    `happens_at` the moment of its next event. -#}
{%- set usual -%}
    {%- set tests = [] -%}
    {%- if pre_order %}{% set _ = tests.append("lines.fulfilment is distinct from '" ~ pre_order ~ "'") %}{% endif -%}
    {%- if stated_only %}{% set _ = tests.append('lines.source not in (' ~ stated_only ~ ')') %}{% endif -%}
    {{ 'case when ' ~ tests | join(' and ') ~ ' then ' ~ promise ~ ' end' if tests else promise }}
{%- endset -%}
with known as (
    select
        rows.source,
        rows.source_row,
        rows.problem,
        case
            when left(rows.problem, 5) in ('{{ no_records | join("', '") }}') then 3
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
        rows.divided,
        {%- if caching %}
        rows as normal,
        least({% for field in events %}case when rows.{{ field }} > {{ as_of }} then rows.{{ field }} end, {% endfor %}{{ never }}) as happens_at,
        {%- endif %}
        {%- for field in plain %}
        rows.{{ field }},
        {%- endfor %}
        {%- for field in events %}
        case when rows.{{ field }} <= {{ as_of }}{% if field == 'paid_at' %} and rows.status is distinct from 'unpaid'{% endif %} then rows.{{ field }} end as {{ field }},
        {%- endfor %}
        {% for field in events %}coalesce(rows.{{ field }} > {{ as_of }}, false) or {% endfor %}false as masked,
        case
            {%- if inferred_status %}
            when rows.source in ({{ inferred_status }}) then case
                {%- if 'closed_at' in events %}
                when rows.closed_at <= {{ as_of }} then 'closed'
                {%- endif %}
                when rows.completed_at <= {{ as_of }} or rows.delivered_at <= {{ as_of }} then 'completed'
                when rows.shipped_at <= {{ as_of }} then 'shipped'
                else 'to_ship' end
            {%- endif %}
            when rows.status is null then null
            {%- if 'closed_at' in events %}
            {#- Not closed yet: its status follows from what had happened, and is unpaid where that is
                unknown. #}
            when rows.closed_at > {{ as_of }} and rows.status = 'closed' then case
                when rows.completed_at <= {{ as_of }} or rows.delivered_at <= {{ as_of }} then 'completed'
                when rows.shipped_at <= {{ as_of }} then 'shipped'
                when rows.paid_at <= {{ as_of }} then 'to_ship'
                else 'unpaid' end
            {%- endif %}
            when rows.status = 'closed' then 'closed'
            when rows.paid_at > {{ as_of }} then 'unpaid'
            when rows.shipped_at > {{ as_of }} and rows.status in ('part_shipped', 'shipped', 'completed') then 'to_ship'
            when (rows.completed_at > {{ as_of }} or rows.delivered_at > {{ as_of }}) and rows.status = 'completed' then 'shipped'
            else rows.status
        end as status
    from ({{ rows }}) as rows
)
{%- if joined %},

looked_up as (
    select
        known.*
        {%- for kind in joined %},
        coalesce({{ kind.lookups | map(attribute='name') | join('.number, ') }}.number) as {{ kind.number }}
        {%- for column, value in kind.observed.items() %},
        {{ value }} as {{ column }}
        {%- endfor %}
        {%- endfor %}
    from known
    {%- for kind in joined %}
    {%- for lookup in kind.lookups %}
    left join {{ kind.table }} as {{ lookup.name }}
        on known.platform = {{ lookup.name }}.platform and {{ lookup.name }}.filed_by = '{{ lookup.filed_by }}'
            and known.{{ lookup.key }} = {{ lookup.name }}.key
            {%- if lookup.product %} and {{ lookup.name }}.product = {{ lookup.product }}{% endif %}
    {%- endfor %}
    {%- endfor %}
)
{%- endif %}

select
    lines.source,
    lines.source_row,
    lines.problem,
    lines.left_out,
    lines.platform,
    lines.line_id,
    lines.shop,
    lines.without_seconds,
    lines.amount_unread,
    lines.quantity_unread,
    lines.divided,
    lines.masked,
    {%- if caching %}
    lines.normal,
    lines.happens_at,
    {%- endif %}
    {%- for name in platforms_named %}
    lines.platform = '{{ name }}' as of_{{ name }},
    {%- endfor %}
    lines.status,
    lines.shipped_at is null and coalesce(lines.status in ('shipped', 'completed'), false) as shipped_without_time,
    {%- for field in plain + events if field != 'promised_ship_at' and field not in joined_values %}
    lines.{{ field }},
    {%- endfor %}
    {%- for field, value in joined_values.items() %}
    {{ value }} as {{ field }},
    {%- endfor %}
    {%- for kind in joined %}
    lines.{{ kind.number }},
    {%- for column in kind.observed %}
    lines.{{ column }},
    {%- endfor %}
    {%- endfor %}
    {%- for field, value in known.items() %}
    {{ value }} as {{ field }},
    {%- endfor %}
    coalesce(lines.promised_ship_at, {{ usual }}) as promised_ship_at,
    lines.promised_ship_at is null and {{ usual }} is not null as promise_computed
from {{ 'looked_up' if joined else 'known' }} as lines
{%- for kind in joined %}
left join {{ kind.table }} as {{ kind.found }}
    on lines.{{ kind.number }} = {{ kind.found }}.number
{%- endfor %}
{%- for table, condition in cross_line.items() %}
left join {{ table }}
    on {{ condition }}
{%- endfor %}
