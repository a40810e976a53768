{#- The rows of some exports as the cache stores them. What joined exports say of them is compared row by row, so
    that then they are in order. -#}
select source, {{ columns | join(', ') }}
from {{ table }}
where source in ({{ sources | join(', ') }})
{%- if ordered %}
order by source, source_row
{%- endif %}
