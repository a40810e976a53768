{#- What tasks add up to, by kind, severity, shop, and whether they are due `soon`. -#}
select
    kind,
    rank,
    platform,
    shop,
    coalesce(due_at <= {{ soon }}, false) as soon,
    count(*) as tasks,
    cast(sum(orders) as bigint) as orders,
    cast(sum(money_to_save) as decimal(38, 2)) as money_to_save,
    cast(sum(money_lost) as decimal(38, 2)) as money_lost
from tasks
group by kind, rank, platform, shop, coalesce(due_at <= {{ soon }}, false)
