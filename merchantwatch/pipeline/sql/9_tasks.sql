{#- Tasks, numbered from the gravest and the next on. The money of an order stands in the first of its tasks. -#}
with ranked as (
    select
        *,
        kind || ':' || platform || ':' || coalesce(shop, '') || ':' || about as id
    from (
        select kind, platform, shop, about, coalesce(max(grave), max(rank)) as rank, min(due_at) as due_at
        from task_parts
        group by kind, platform, shop, about
        having max(to_do) = 1
    ) as made
),

numbered as (
    select *, row_number() over (order by rank desc, due_at nulls last, id) as number
    from ranked
),

of_lines as (
    select task_parts.source, task_parts.source_row, min(numbered.number) as number
    from numbered
    inner join task_parts
        on numbered.kind = task_parts.kind and numbered.platform = task_parts.platform
        and numbered.shop is not distinct from task_parts.shop and numbered.about = task_parts.about
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
    select number, count(*) as orders, sum(to_save) as to_save, sum(lost) as lost
    from orders
    group by number
)

select
    numbered.*,
    coalesce(money.orders, 0) as orders,
    cast(coalesce(money.to_save, 0) as decimal(38, 2)) as money_to_save,
    cast(coalesce(money.lost, 0) as decimal(38, 2)) as money_lost
from numbered
left join money on numbered.number = money.number
