{#- The acts that rules require for a page of tasks: by rule, scope, state and moment, for how many
    lines, and the cost of these together. The limit of a scope is reached once, at the first of its
    lines' moments. -#}
with of_lines as (
    select listed.number, listed.kind as of_kind, task_lines.*
    from {% include 'first_tasks.sql' %} as listed
    inner join task_parts
        on listed.kind = task_parts.kind and listed.platform = task_parts.platform
        and listed.shop is not distinct from task_parts.shop and listed.about = task_parts.about
    inner join task_lines
        on task_parts.source = task_lines.source and task_parts.source_row = task_lines.source_row
),

required as (
    select
        number,
        unnest(list_filter([
            {%- for act in acts %}
            case when of_kind = '{{ act.kind }}' and {{ act.code }}_acts in ({{ act.states }}){% if not act.of_line %} and {{ act.code }}_found > 0{% endif %} then struct_pack(place := {{ act.place }}, state := {{ act.code }}_acts, next_at := {{ act.code }}_at, alone := {{ act.of_line | lower }}, key := {{ 'cast(null as varchar)' if act.of_line else act.key }}, takes := {{ act.takes }}) end{{ ',' if not loop.last }}
            {%- endfor %}
        ], lambda entry: entry is not null)) as act
    from of_lines
)

select
    number,
    act.place as place,
    act.key as key,
    act.state as state,
    min(act.next_at) as next_at,
    count(*) as lines,
    cast(sum(act.takes) as decimal(38, 2)) as money
from required
group by number, act.place, act.key, act.state, case when act.alone then act.next_at end
order by number, place, key nulls first, next_at nulls first
