{#- The same lines with all their fields, for whoever shows them. -#}
select
    judged.*
    {%- for name in states %},
    states.{{ name }}
    {%- endfor %}
    {%- for name in fields %},
    kept.{{ name }}
    {%- endfor %}
    {%- for name, type in absent.items() %},
    cast(null as {{ type }}) as {{ name }}
    {%- endfor %}
from judged
inner join states
    on judged.source = states.source and judged.source_row = states.source_row
inner join kept
    on judged.source = kept.source and judged.source_row = kept.source_row
