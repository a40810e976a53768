{#- The rows of a relation, with the states and deadlines that exemptions have changed. -#}
select
    {%- for name in columns %}
    {% if name in changed %}case when pardoned.{{ changed[name] }} is not null then pardoned.{{ name }} else lines.{{ name }} end as {{ name }}
    {%- else %}lines.{{ name }}
    {%- endif %}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ lines }} as lines
left join pardoned
    on lines.source = pardoned.source and lines.source_row = pardoned.source_row
