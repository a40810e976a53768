{#- Upcoming deadlines as exemptions leave them: a line that was hit may be open again. -#}
select
    coalesce(upcoming.source, pardoned.source) as source,
    coalesce(upcoming.source_row, pardoned.source_row) as source_row,
    {%- for code in opening %}
    {% if code in codes %}case when pardoned.{{ code }}_state is not null then pardoned.{{ code }}_open else upcoming.{{ code }}_open end
    {%- else %}upcoming.{{ code }}_open
    {%- endif %} as {{ code }}_open,
    {%- endfor %}
    {%- for field in fields %}
    coalesce(upcoming.open_{{ field }}, pardoned.open_{{ field }}) as open_{{ field }}{{ ',' if not loop.last }}
    {%- endfor %}
from ({% include '6_upcoming.sql' %}) as upcoming
full outer join pardoned
    on upcoming.source = pardoned.source and upcoming.source_row = pardoned.source_row
