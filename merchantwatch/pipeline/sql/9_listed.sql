{#- The worst findings of each rule, as many as a report lists. Only a `crowded` rule has more; where its
    breached findings alone are more (`broken_alone`), near ones are not even read. Suppressed findings
    are listed, too, each with its `entry` in the file of suppressions. -#}
{%- set columns = 'code, state, rank, platform, shop, key, count, risk, currency, amount, penalty, volume, due_at, next_due_at, forecast, alone, counted_on' -%}
select {{ columns }}, cast(null as integer) as entry
from findings
where code not in (''{% for rule in crowded %}, {{ rule.code }}{% endfor %})
{%- for rule in crowded %}

union all

select {{ columns }}, cast(null as integer) as entry
from (
    select {{ columns }}
    from findings
    where code = {{ rule.code }}{{ " and state = 'breached'" if rule.broken_alone }}
    order by state, due_at nulls last, amount desc nulls last, platform, shop nulls first, key
    limit {{ most }}
) as crowd_{{ loop.index }}
{%- endfor %}
{%- if suppressed %}

union all

select {{ columns }}, entry
from (
    select {{ columns }}, entry
    from suppressed
    order by state, rank desc, due_at nulls last, amount desc nulls last, code, platform, shop nulls first, key
    limit {{ most }}
) as set_apart
{%- endif %}
