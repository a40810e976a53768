{#- The current lines that were stored with all their fields, with the state and deadline by each rule. -#}
with standing as (
    select
        {%- for name in relevant if name != 'line_id' %}
        relevant.{{ name }},
        {%- endfor %}
        {%- for name, type in absent.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        {{ 'coalesce(named.line_id, relevant.line_id)' if numbered else 'relevant.line_id' }} as line_id
    from relevant
    left join superseded
        on relevant.source = superseded.source and relevant.source_row = superseded.source_row
    {%- if numbered %}
    left join named
        on relevant.source = named.source and relevant.source_row = named.source_row
    {%- endif %}
    where relevant.left_out = 0 and superseded.source is null
)

select
    lines.*
    {%- for rule in rules if rule.due %},
    {{ rule.due }} as {{ rule.code }}_due
    {%- endfor %}
from {% include 'shared.sql' %} as lines
