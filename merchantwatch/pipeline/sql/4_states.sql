{#- Every rule on every row of exports with the same columns, in one pass. States: 0 no, 1 hit, 2 near,
    3 unjudged, 4 open (with a distant deadline).

    What is stored of a row: its identity (two hashes of the line's id, 128 bits in all) and its flags, packed
    into the bits of `marks_…`; all fields and the state by each rule only where `matters` is true; the next
    deadline only where `is_upcoming` is, for lines that could yet add to a scope of several. -#}
{%- import 'identity.sql' as identity -%}
select
    source,
    source_row,
    {{ identity.of('platform', "coalesce(line_id, '')") }},
    cast(left_out as tinyint) as left_out,
    {%- for name in flags %}
    coalesce({{ name }}, false) as {{ name }},
    {%- endfor %}
    coalesce(status = 'closed'{{ ' and closed_at is null' if 'closed_at' in events }}, false) as closed,
    {%- for name, test in fulfilled.items() %}
    coalesce({{ test }}, false) as {{ name }},
    {%- endfor %}
    {%- for field in words %}
    {{ field }}_unknown,
    {%- endfor %}
    {%- for name in noted %}
    {{ name }},
    {%- endfor %}
    {%- for rule in rules %}
    {{ rule.code }}_state,
    {%- endfor %}
    {%- for rule in rules if rule.code ~ '_unjudged' not in idle %}
    {{ rule.code }}_state = {{ unjudged }} as {{ rule.code }}_unjudged,
    {%- endfor %}
    {%- for rule in rules if rule.code in open %}
    case when {{ rule.code }}_state in (2, 4) then {{ rule.due }} end as {{ rule.code }}_open,
    {%- if rule.opens_on %}
    case when {{ rule.code }}_state in (2, 4) then {{ rule.opens_on }} end as {{ rule.code }}_opens_on,
    {%- endif %}
    {%- endfor %}
    {%- for field in open_fields %}
    case when {{ open | join('_open is not null or ') }}_open is not null then {{ field }} end as open_{{ field }},
    {%- endfor %}
    coalesce({{ (open | map('string') | join('_open is not null or ') ~ '_open is not null') if open else 'false' }}, false) as is_upcoming,
    {%- for mark in marks %}
    cast({% for name, bit in mark.bits if name not in idle -%}
    case when {{ name }} then {{ bit }} else 0 end |{{ ' ' }}
    {%- endfor %}0 as bigint) as {{ mark.column }},
    {%- endfor %}
    {%- for column, value in parcels.items() %}
    {{ value }} as {{ column }},
    {%- endfor %}
    {%- for column, volume in volumes.items() %}
    case when left_out = 0{% for code in volume.codes %} and {{ code }}_state <> {{ unjudged }}{% endfor %} then {{ volume.day }} end as {{ column }},
    {%- endfor %}
    {%- if volumes or parcels or by_shop %}
    shop as of_shop,
    product_id as of_product,
    {%- if platforms_named %}
    platform as of_platform,
    {%- endif %}
    {%- endif %}
    {%- if expires_at %}
    {#- Rows whose state may soon change are stored in full, so that another run can judge them again. #}
    cast(date_diff('second', {{ middle }}, {{ expires_at }}) as integer) as expires_at,
    {%- if beside %}
    {#- What joined exports say of a row may differ in any run: then all rows are stored in full. #}
    {{ beside }} as beside,
    normal as again,
    {%- else %}
    case when expires_at < date_diff('second', {{ middle }}, as_of + {{ horizon }}) then normal end as again,
    {%- endif %}
    again is not null as unsettled,
    {%- endif %}
    created_at,
    cast(created_at as date) as created_on,
    {#- Seconds from the middle of the century take half the memory of a timestamp. #}
    cast(date_diff('second', {{ middle }}, greatest({{ (events + ['cast(null as timestamp)']) | join(', ') }})) as integer) as newest_event,
    {{ matters }} as matters
    {%- for field in fields %},
    {{ field }}
    {%- endfor %}
from (
    select
        *
        {%- for field in words %},
        {{ field }}_text is not null as {{ field }}_unknown
        {%- endfor %}
        {%- for rule in rules %},
        cast(case when left_out > 0 then 0 else {{ rule.state }} end as tinyint) as {{ rule.code }}_state
        {%- endfor %}
    from {% include 'shared.sql' %} as shared
) as stated
{%- for field, kind in exempt_ids.items() %}
left join exempt_ids as exempt_{{ field }}
    on exempt_{{ field }}.kind = '{{ kind }}' and stated.{{ field }} = exempt_{{ field }}.id
{%- endfor %}
