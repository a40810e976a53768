{#- Each line and rule with each exemption that would lift its hit or move its deadline: `old_state` is
    the state without the exemption, `new_state` the state with it. The time of the line must lie in the
    exemption's period, both ends included; an unknown time lies in no bounded period. -#}
select
    '' as code,
    source,
    source_row,
    number,
    approved,
    lifts,
    0 as old_state,
    0 as new_state,
    false as opens,
    cast(null as timestamp) as due_at
from exemptible
where false
{%- for rule in rules %}
{%- set time -%}
case basis when 'paid' then paid_at when 'created' then created_at else {{ rule.time }} end
{%- endset %}

union all

select
    '{{ rule.code }}' as code,
    source,
    source_row,
    number,
    approved,
    lifts,
    cast({{ rule.code }}_state as integer) as old_state,
    case when lifts then 0 else {{ rule.state }} end as new_state,
    {{ rule.opens }} as opens,
    {{ rule.due }} as due_at
from exemptible
where {{ rule.code }}_state in (1, 2, 4) and covered in ({{ rule.covered }})
    and (first_at is null or {{ time }} >= first_at) and (last_at is null or {{ time }} <= last_at)
    and (lifts or {{ rule.moved }})
{%- endfor %}
