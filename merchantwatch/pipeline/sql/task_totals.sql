{#- The sums of tasks by kind, severity, shop, and whether they are due `soon`. Every row also has the number of
    orders that all tasks together are about. -#}
select totals.*, counted.orders
from (
    select
        kind,
        rank,
        platform,
        shop,
        coalesce(due_at <= {{ soon }}, false) as soon,
        count(*) as tasks,
        cast(sum(money_to_save) as decimal(38, 2)) as money_to_save,
        cast(sum(money_lost) as decimal(38, 2)) as money_lost
    from tasks
    group by kind, rank, platform, shop, coalesce(due_at <= {{ soon }}, false)
) as totals
cross join (
    {#- Each task of the kind `by_order` is about one order, and about another than all tasks of this kind. -#}
    select {% if by_order %}(select count(*) from tasks where kind = '{{ by_order }}') + {% endif %}count(*) as orders
    from (
        select platform, shop, order_key
        from task_parts
        where to_do and kind <> '{{ by_order }}'
        union
        select task_parts.platform, task_parts.shop, task_parts.order_key
        from task_parts
        inner join tasks
            on task_parts.kind = tasks.kind and task_parts.platform = tasks.platform
            and task_parts.shop is not distinct from tasks.shop and task_parts.about = tasks.about
        where not task_parts.to_do and task_parts.kind <> '{{ by_order }}'
    ) as ids
    {%- if by_order %}
    left join tasks as known
        on known.kind = '{{ by_order }}' and ids.platform = known.platform
        and ids.shop is not distinct from known.shop and ids.order_key = known.about
    where known.kind is null
    {%- endif %}
) as counted
