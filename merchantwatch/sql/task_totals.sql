{#- How many tasks there are of each kind and severity, of how many orders, and what they add up to. -#}
select
    kind,
    rank,
    count(*) as tasks,
    cast(sum(orders) as bigint) as orders,
    cast(sum(money_to_save) as decimal(38, 2)) as money_to_save,
    cast(sum(money_lost) as decimal(38, 2)) as money_lost
from tasks
group by kind, rank
