{#- The lines of each task, by its kind and what it is about: how grave the worst is that doing it averts of the
    line, and by when. -#}
with adding as (
    select kind, platform, shop, about, code, key, max(count) + sum(case when state <> 1 then 1 else 0 end) as reached
    from task_acts
    where near and not counts
    group by kind, platform, shop, about, code, key
),

averting as (
    select task_acts.*, task_acts.counts or coalesce(adding.reached >= task_acts.reach, false) as averts
    from task_acts
    left join adding
        on task_acts.near and task_acts.kind = adding.kind and task_acts.platform = adding.platform
        and task_acts.shop is not distinct from adding.shop and task_acts.about = adding.about
        and task_acts.code = adding.code and task_acts.key = adding.key
)

select
    kind,
    source,
    source_row,
    min(platform) as platform,
    min(shop) as shop,
    min(about) as about,
    max(case when (averts and next_at is not null) or (state = 1 and mends) then rank end) as grave,
    max(rank) as rank,
    min(case when averts then next_at end) as due_at,
    max(case when state in (1, 2) then 1 else 0 end) as to_do
from averting
group by kind, source, source_row
