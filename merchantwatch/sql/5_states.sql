{#- Every rule on every row of one export, in one pass, while the file is read. Of each row only
    small things are kept: what each rule says of it, and what the accounting counts. States: 0 no,
    1 hit, 2 near, 3 unjudged, 4 open. -#}
insert into states
select
    source,
    source_row,
    hash(platform || ' ' || coalesce(line_id, '')) as line_hash,
    left_out,
    {%- for name in flags %}
    coalesce({{ name }}, false) as {{ name }},
    {%- endfor %}
    coalesce(status = 'closed', false) as closed,
    coalesce(status in ('shipped', 'completed') and shipped_at is null, false) as shipped_without_time,
    {%- for field in words %}
    {{ field }}_text is not null as {{ field }}_unknown,
    {%- endfor %}
    {%- for rule in rules %}
    case when left_out > 0 then 0 else {{ rule.state }} end as {{ rule.code }}_state,
    {%- endfor %}
    created_at,
    greatest({{ (events + ['cast(null as timestamp)']) | join(', ') }}) as newest_event
from {% include 'shared.sql' %} as shared
