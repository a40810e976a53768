{#- Which lines are of which task, by its number. -#}
select task_ranks.number, task_ranks.kind, task_parts.source, task_parts.source_row
from task_ranks
inner join task_parts
    on task_ranks.kind = task_parts.kind and task_ranks.platform = task_parts.platform
    and task_ranks.shop is not distinct from task_parts.shop and task_ranks.about = task_parts.about
