{#- The lines of so many tasks from one on, in their order: the gravest first, within it the next, within it the
    dearest. -#}
with listed as (
    select *
    from tasks
    order by rank desc, due_at nulls last, money_to_save desc, id
    limit {{ most }} offset {{ first }}
)

select
    listed.number,
    listed.kind,
    listed.about,
    listed.rank,
    listed.due_at as task_due_at,
    listed.money_to_save,
    listed.money_lost,
    task_lines.*
from listed
inner join task_parts
    on listed.kind = task_parts.kind and listed.platform = task_parts.platform
    and listed.shop is not distinct from task_parts.shop and listed.about = task_parts.about
inner join task_lines
    on task_parts.source = task_lines.source and task_parts.source_row = task_lines.source_row
order by
    listed.rank desc,
    listed.due_at nulls last,
    listed.money_to_save desc,
    listed.id,
    task_lines.line_id,
    task_lines.source,
    task_lines.source_row
