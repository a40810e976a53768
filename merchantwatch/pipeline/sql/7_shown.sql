{#- The same lines with all their fields, for reports. -#}
select
    judged.*
    {%- for name in kept %},
    kept.{{ name }}
    {%- endfor %}
    {%- for name, type in absent.items() %},
    cast(null as {{ type }}) as {{ name }}
    {%- endfor %}
from judged
inner join kept
    on judged.source = kept.source and judged.source_row = kept.source_row
