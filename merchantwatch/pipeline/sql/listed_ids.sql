{#- The first lines of so many tasks from one on, by their ids. -#}
select number, line_id
from (
    select number, line_id, row_number() over (partition by number order by line_id) as place
    from (
        select distinct listed.number, task_lines.line_id
        from {% include 'first_tasks.sql' %} as listed
        inner join task_members
            on listed.number = task_members.number
        inner join task_lines
            on task_members.source = task_lines.source and task_members.source_row = task_lines.source_row
    ) as ids
) as placed
where place <= {{ most_lines }}
order by number, line_id
