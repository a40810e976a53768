{#- How many lines of each source have each flag. -#}
select
    source,
    cast(sum(lines) as bigint) as lines,
    {%- for name in flags %}
    cast(coalesce(sum(case when {{ name }} then lines end), 0) as bigint) as {{ name }},
    {%- endfor %}
    min(created_first) as created_first,
    max(created_last) as created_last,
    max(newest_event) as newest_event
from kinds
where left_out = 0
group by source
order by source
