{#- So many tasks from one on, in their order, with what their lines have in common: a field that is not the same in all of
    them is unknown. -#}
select
    listed.number,
    listed.id,
    listed.kind,
    listed.platform,
    listed.shop,
    listed.rank,
    listed.due_at,
    listed.money_to_save,
    listed.money_lost,
    of_lines.*
from {% include 'first_tasks.sql' %} as listed
inner join (
    select
        listed.number as of_task,
        count(distinct line_id) as line_count,
        {%- for name in same %}
        case when min({{ name }}) = max({{ name }}) and count({{ name }}) = count(*) then min({{ name }}) end as {{ name }},
        {%- endfor %}
        sum(cast(quantity as decimal(20, 0))) as quantity,
        sum(amount) as amount
    from {% include 'first_tasks.sql' %} as listed
    inner join task_members
        on listed.number = task_members.number
    inner join task_lines
        on task_members.source = task_lines.source and task_members.source_row = task_lines.source_row
    group by listed.number
) as of_lines
    on listed.number = of_lines.of_task
order by listed.rank desc, listed.due_at nulls last, listed.money_to_save desc, listed.id
