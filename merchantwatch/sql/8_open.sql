{#- Lines whose deadline lies ahead: the next ones that would add to the count of their scope. -#}
create table open_lines as
with standing as (
    select *, {{ as_of }} as as_of
    from ({{ standing }}) as standing
)

select '' as code, platform, shop, line_id as key, cast(null as timestamp) as next_due_at
from standing
where false
{%- for rule in rules %}

union all

select '{{ rule.code }}' as code, platform, shop, {{ rule.key }} as key, {{ rule.due }} as next_due_at
from standing
inner join current
    on standing.source = current.source and standing.source_row = current.source_row
where current.{{ rule.code }}_state in (2, 4)
{%- endfor %}
