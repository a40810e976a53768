{#- The lines of which some rule has something to say, with all their fields: of each rule its state
    and deadline. -#}
with standing as (
    select
        {%- for name in states %}
        current.{{ name }},
        {%- endfor %}
        {%- for name in fields if name != 'line_id' %}
        kept.{{ name }},
        {%- endfor %}
        {%- for name, type in absent.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        coalesce(named.line_id, kept.line_id) as line_id
    from kept
    inner join current
        on kept.source = current.source and kept.source_row = current.source_row
    left join named
        on kept.source = named.source and kept.source_row = named.source_row
    where current.left_out = 0
)

select
    lines.*
    {%- for rule in rules if rule.due %},
    {{ rule.due }} as {{ rule.code }}_due
    {%- endfor %}
from {% include 'shared.sql' %} as lines
