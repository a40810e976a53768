{#- Tasks, numbered from the gravest and the next on. -#}
select *, row_number() over (order by rank desc, due_at nulls last, id) as number
from (
    select
        *,
        kind || ':' || platform || ':' || coalesce(shop, '') || ':' || about as id
    from (
        select kind, platform, shop, about, coalesce(max(grave), max(rank)) as rank, min(due_at) as due_at
        from task_parts
        group by kind, platform, shop, about
        having max(case when to_do then 1 else 0 end) = 1
    ) as made
) as ranked
