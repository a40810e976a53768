{#- Tasks with their money: that of an order stands in the first of its own. -#}
with of_lines as (
    select source, source_row, min(number) as number
    from task_members
    group by source, source_row
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
    task_ranks.*,
    coalesce(money.orders, 0) as orders,
    cast(coalesce(money.to_save, 0) as decimal(38, 2)) as money_to_save,
    cast(coalesce(money.lost, 0) as decimal(38, 2)) as money_lost
from task_ranks
left join money on task_ranks.number = money.number
