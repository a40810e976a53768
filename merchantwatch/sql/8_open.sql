{#- Lines whose deadline lies ahead: the next ones that would add to the count of their scope. -#}
select '' as code, platform, shop, line_id as key, cast(null as timestamp) as next_due_at
from judged
where false
{%- for rule in rules %}

union all

select '{{ rule.code }}' as code, platform, shop, {{ rule.key }} as key, {{ rule.code }}_due as next_due_at
from judged
where {{ rule.code }}_state in (2, 4)
{%- endfor %}
