{#- Where the rows of each source went, and what its lines are like. -#}
select
    source,
    min(platform) as platform,
    count(*) as rows,
    count(*) filter (where left_out = 'quarantined') as quarantined,
    count(*) filter (where left_out = 'superseded') as superseded,
    count(*) filter (where left_out = 'later') as later,
    count(*) filter (where left_out is null) as lines,
    {%- for name in flags %}
    count(*) filter (where left_out is null and {{ name }}) as {{ name }},
    {%- endfor %}
    count(*) filter (where left_out is null and status = 'closed') as closed,
    count(*) filter (where left_out is null and status in ('shipped', 'completed') and shipped_at is null) as shipped_without_time,
    {%- for field in words %}
    count({{ field }}_text) filter (where left_out is null) as {{ field }}_unknown,
    {%- endfor %}
    min(created_at) filter (where left_out is null) as created_first,
    max(created_at) filter (where left_out is null) as created_last,
    max(greatest({{ (events + ['cast(null as timestamp)']) | join(', ') }})) filter (where left_out is null) as newest_event
from standing
group by source
order by source
