{#- The lines to look up, given by platform and id, with the hashes that identify them. -#}
{%- import 'identity.sql' as identity -%}
select
    platform,
    line_id,
    {{ identity.of('platform', 'line_id') }}
from (
    select cast(platform as varchar) as platform, cast(line_id as varchar) as line_id
    from (
        values
        {%- for platform, line_id in lines %}
        ({{ platform }}, {{ line_id }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as rows(platform, line_id)
) as lines
