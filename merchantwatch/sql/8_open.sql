{#- Lines whose deadline lies ahead: the next ones that would add to the count of their scope. Of a
    scope of several lines those that are still far from it say so in their states. -#}
select '' as code, platform, shop, line_id as key, cast(null as timestamp) as next_due_at
from judged
where false
{%- for rule in of_lines %}

union all

select '{{ rule.code }}' as code, platform, shop, {{ rule.key }} as key, {{ rule.code }}_due as next_due_at
from judged
where {{ rule.code }}_state = 2
{%- endfor %}
{%- for rule in of_scopes %}

union all

select '{{ rule.code }}' as code, platform, shop, {{ rule.key }} as key, next_due_at
from (
    select
        {%- for field in fields %}
        open_{{ field }} as {{ field }},
        {%- endfor %}
        {{ rule.code }}_open as next_due_at
    from lying_ahead
) as lying_ahead
where next_due_at is not null
{%- endfor %}
