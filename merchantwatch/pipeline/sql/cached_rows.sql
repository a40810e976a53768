{#- The rows of exports as the cache stores them. They are `ordered` where another run will compare them row by row
    with what joined exports then say of them. -#}
select source, {{ columns | join(', ') }}
from {{ table }}
where source in ({{ sources | join(', ') }})
{%- if ordered %}
order by source, source_row
{%- endif %}
