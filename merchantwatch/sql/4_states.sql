{#- Every rule on every row of one export, in one pass. States: 0 no, 1 hit, 2 near, 3 unjudged,
    4 open. What stands above `matters` is kept of each row: what each rule says of it, and what the
    accounting counts; all its fields only of a row that a rule or the accounting will show. A line
    is told from others by two hashes of its id, 128 bits in all. -#}
{%- import 'identity.sql' as identity -%}
select
    source,
    source_row,
    {{ identity.of('platform', "coalesce(line_id, '')") }},
    cast(left_out as tinyint) as left_out,
    {%- for name in flags %}
    coalesce({{ name }}, false) as {{ name }},
    {%- endfor %}
    coalesce(status = 'closed', false) as closed,
    coalesce(status in ('shipped', 'completed') and shipped_at is null, false) as shipped_without_time,
    {%- for field in words %}
    {{ field }}_text is not null as {{ field }}_unknown,
    {%- endfor %}
    {%- for rule in rules %}
    cast(case when left_out > 0 then 0 else {{ rule.state }} end as tinyint) as {{ rule.code }}_state,
    {%- endfor %}
    created_at,
    greatest({{ (events + ['cast(null as timestamp)']) | join(', ') }}) as newest_event,
    {%- for field in fields %}
    {{ field }},
    {%- endfor %}
    {{ matters }} as matters
from {% include 'shared.sql' %} as shared
