{#- Tasks with severity and deadline, and with their money where clauses cost any. The money of an order
    stands in the first of its tasks, so that sums over tasks count it once. -#}
with ranked as (
    select
        kind,
        platform,
        shop,
        about,
        coalesce(max(averted_rank), max(rank)) as rank,
        min(due_at) as due_at
    from task_parts
    group by kind, platform, shop, about
    having max(case when to_do then 1 else 0 end) = 1
)
{%- if priced %},

numbered as (
    select *, row_number() over (order by rank desc, due_at nulls last, kind, about, platform, shop nulls first) as number
    from ranked
),

of_lines as (
    select task_parts.source, task_parts.source_row, min(numbered.number) as number
    from task_parts
    inner join numbered
        on task_parts.kind = numbered.kind and task_parts.platform = numbered.platform
        and task_parts.shop is not distinct from numbered.shop and task_parts.about = numbered.about
    group by task_parts.source, task_parts.source_row
),

orders as (
    select min(of_lines.number) as number, sum(task_lines.to_save) as to_save, sum(task_lines.paid) as lost
    from of_lines
    inner join task_lines
        on of_lines.source = task_lines.source and of_lines.source_row = task_lines.source_row
    group by task_lines.platform, task_lines.shop, task_lines.order_key
),

money as (
    select number, sum(to_save) as to_save, sum(lost) as lost
    from orders
    where to_save <> 0 or lost <> 0
    group by number
)
{%- endif %}

select
    ranked.kind,
    ranked.platform,
    ranked.shop,
    ranked.about,
    ranked.rank,
    ranked.due_at,
    ranked.kind || ':' || ranked.platform || ':' || coalesce(ranked.shop, '') || ':' || ranked.about as id,
    {{ 'cast(coalesce(money.to_save, 0) as decimal(38, 2))' if priced else 'cast(0 as decimal(38, 2))' }} as money_to_save,
    {{ 'cast(coalesce(money.lost, 0) as decimal(38, 2))' if priced else 'cast(0 as decimal(38, 2))' }} as money_lost
from {{ 'numbered as ranked' if priced else 'ranked' }}
{%- if priced %}
left join money on ranked.number = money.number
{%- endif %}
