{#- The worst findings of each rule, as many as a report lists. Only a `crowded` rule has more; where those
    that are broken are enough, the others are not even looked at. -#}
{%- set columns = 'code, state, rank, platform, shop, key, count, risk, currency, amount, penalty, volume, due_at, next_due_at, forecast, alone, counted_on' -%}
select {{ columns }}
from findings
where code not in (''{% for rule in crowded %}, {{ rule.code }}{% endfor %})
{%- for rule in crowded %}

union all

select {{ columns }}
from (
    select {{ columns }}
    from findings
    where code = {{ rule.code }}{{ " and state = 'breached'" if rule.broken_alone }}
    order by state, due_at nulls last, amount desc nulls last, platform, shop nulls first, key
    limit {{ most }}
) as crowd_{{ loop.index }}
{%- endfor %}
