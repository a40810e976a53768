{#- The judged lines with all their fields, for reports. -#}
select
    judged.*
    {%- for name in relevant %},
    relevant.{{ name }}
    {%- endfor %}
    {%- for name, type in absent.items() %},
    cast(null as {{ type }}) as {{ name }}
    {%- endfor %}
from judged
inner join relevant
    on judged.source = relevant.source and judged.source_row = relevant.source_row
