{#- Upcoming deadlines as exemptions leave them: what was hit may be open again. -#}
select
    coalesce(ahead.source, pardoned.source) as source,
    coalesce(ahead.source_row, pardoned.source_row) as source_row,
    {%- for code in opening %}
    {% if code in codes %}case when pardoned.{{ code }}_state is not null then pardoned.{{ code }}_open else ahead.{{ code }}_open end
    {%- else %}ahead.{{ code }}_open
    {%- endif %} as {{ code }}_open,
    {%- endfor %}
    {%- for field in fields %}
    coalesce(ahead.open_{{ field }}, pardoned.open_{{ field }}) as open_{{ field }}{{ ',' if not loop.last }}
    {%- endfor %}
from ({% include '6_ahead.sql' %}) as ahead
full outer join pardoned
    on ahead.source = pardoned.source and ahead.source_row = pardoned.source_row
