{#- One row for each line that is exempt from a rule: its states and deadlines as exemptions leave them. -#}
select
    exempt.source,
    exempt.source_row,
    {%- for code in codes %}
    max(case when exempt.code = '{{ code }}' then exempt.state end) as {{ code }}_state,
    max(case when exempt.code = '{{ code }}' then exempt.due_at end) as {{ code }}_due,
    max(case when exempt.code = '{{ code }}' then exempt.open_at end) as {{ code }}_open,
    {%- if code in days %}
    max(case when exempt.code = '{{ code }}' and exempt.open_at is not null then {{ days[code] }} end) as {{ code }}_opens_on,
    {%- endif %}
    {%- endfor %}
    {%- for field in open_fields %}
    max(stated.{{ field }}) as open_{{ field }}{{ ',' if not loop.last }}
    {%- endfor %}
from exempt
inner join stated
    on exempt.source = stated.source and exempt.source_row = stated.source_row
group by exempt.source, exempt.source_row
