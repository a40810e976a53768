{#- Upcoming deadlines as exemptions leave them: a line that was hit may be open again. -#}
select
    coalesce(upcoming.source, pardoned.source) as source,
    coalesce(upcoming.source_row, pardoned.source_row) as source_row,
    {%- for column, code in columns.items() %}
    {% if code in codes %}case when pardoned.{{ code }}_state is not null then pardoned.{{ column }} else upcoming.{{ column }} end
    {%- else %}upcoming.{{ column }}
    {%- endif %} as {{ column }},
    {%- endfor %}
    {%- for field in fields %}
    coalesce(upcoming.open_{{ field }}, pardoned.open_{{ field }}) as open_{{ field }}{{ ',' if not loop.last }}
    {%- endfor %}
from ({% include '6_upcoming.sql' %}) as upcoming
full outer join pardoned
    on upcoming.source = pardoned.source and upcoming.source_row = pardoned.source_row
