{#- What the rules ask for of so many tasks from one on: by rule, scope, state and moment, of how many lines, and what they
    take of these together. The limit of a scope is reached once, at the first of its lines' moments. -#}
with of_lines as (
    select listed.number, listed.kind as of_kind, task_lines.*
    from {% include 'first_tasks.sql' %} as listed
    inner join task_parts
        on listed.kind = task_parts.kind and listed.platform = task_parts.platform
        and listed.shop is not distinct from task_parts.shop and listed.about = task_parts.about
    inner join task_lines
        on task_parts.source = task_lines.source and task_parts.source_row = task_lines.source_row
)

select *
from (
    {%- for act in acts %}
    {{ 'union all' if not loop.first }}
    select
        number,
        {{ act.place }} as place,
        {{ 'cast(null as varchar)' if act.of_line else act.key }} as key,
        {{ act.code }}_acts as state,
        {{ act.code ~ '_at' if act.of_line else 'min(' ~ act.code ~ '_at)' }} as next_at,
        count(*) as lines,
        cast(sum({{ act.takes }}) as decimal(38, 2)) as money
    from of_lines
    where of_kind = '{{ act.kind }}' and {{ act.code }}_acts in ({{ act.states }}){% if not act.of_line %} and {{ act.code }}_found > 0{% endif %}
    group by number, {{ act.code }}_acts, {{ act.code ~ '_at' if act.of_line else act.key }}
    {%- endfor %}
) as asked
order by number, place, key nulls first, next_at nulls first
