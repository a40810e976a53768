{#- The next upcoming deadline in each scope of several lines, among the lines that would add to its
    count if they missed it. -#}
select
    '' as code,
    '' as platform,
    '' as shop,
    '' as key,
    cast(null as date) as counted_on,
    cast(null as timestamp) as next_due_at
where false
{%- for rule in rules %}

union all

select
    '{{ rule.code }}' as code,
    platform,
    shop,
    {{ rule.key }} as key,
    {{ 'opens_on' if rule.by_day else 'cast(null as date)' }} as counted_on,
    min(next_due_at) as next_due_at
from (
    select
        {%- for field in fields %}
        open_{{ field }} as {{ field }},
        {%- endfor %}
        {%- if rule.on_days %}
        {{ rule.code }}_opens_on as opens_on,
        {%- endif %}
        {{ rule.code }}_open as next_due_at
    from current_upcoming
) as current_upcoming
where next_due_at is not null
group by platform, shop, {{ rule.key }}{{ ', opens_on' if rule.by_day }}
{%- endfor %}
