{#- What the lines of each source are like. -#}
select
    source,
    count(*) as lines,
    {%- for name in flags %}
    count(*) filter (where {{ name }}) as {{ name }},
    {%- endfor %}
    min(created_at) as created_first,
    max(created_at) as created_last,
    max(newest_event) as newest_event
from current
where left_out = 0
group by source
order by source
