{#- Judged lines → one row for each line and rule that is hit or near. `weight` is what the line
    adds to the count of its scope; `next_due_at` its next deadline, while one lies ahead; `penalty`
    what it costs by the clause; `day` the day that it counts for. -#}
select
    '' as code,
    '' as state,
    source,
    source_row,
    platform,
    shop,
    line_id,
    line_id as key,
    amount,
    cast(null as decimal(18, 2)) as penalty,
    cast(null as date) as day,
    cast(null as timestamp) as due_at,
    cast(null as timestamp) as next_due_at,
    cast(0 as bigint) as weight,
    cast(null as decimal(18, 4)) as risk
from judged
where false
{%- for rule in rules %}

union all

select
    '{{ rule.code }}' as code,
    case {{ rule.code }}_state when 1 then 'hit' else 'near' end as state,
    source,
    source_row,
    platform,
    shop,
    line_id,
    {{ rule.key }} as key,
    amount,
    {{ rule.penalty }} as penalty,
    {{ rule.day }} as day,
    {{ rule.shown_due }} as due_at,
    {{ rule.next_due }} as next_due_at,
    {{ rule.weight }} as weight,
    {{ rule.risk }} as risk
from judged
where {{ rule.code }}_state in (1, 2)
{%- endfor %}
