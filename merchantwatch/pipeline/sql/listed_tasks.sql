{#- A page of tasks in their order, with the fields that their lines have in common: a field that
    differs between them is null. With them come the first of their lines and of these orders, by their ids. -#}
with listed as (
    select * from {% include 'first_tasks.sql' %} as firsts
),

lines as (
    select listed.number, task_parts.source as of_source, task_parts.source_row as of_row
    from listed
    inner join task_parts
        on listed.kind = task_parts.kind and listed.platform = task_parts.platform
        and listed.shop is not distinct from task_parts.shop and listed.about = task_parts.about
),

named as (
    select
        lines.number,
        shown.*,
        {{ currency }} as currency,
        coalesce(shown.order_id, shown.line_id) as order_key
    from lines
    inner join shown
        on lines.of_source = shown.source and lines.of_row = shown.source_row
),

shared as (
    select
        number as of_task,
        count(distinct line_id) as line_count,
        {%- for name in same %}
        case when min({{ name }}) = max({{ name }}) and count({{ name }}) = count(*) then min({{ name }}) end as {{ name }},
        {%- endfor %}
        sum(cast(quantity as decimal(20, 0))) as quantity,
        sum(amount) as amount,
        array_slice(list_sort(array_agg(distinct line_id)), 1, {{ most_lines }}) as line_ids,
        array_slice(list_sort(array_agg(distinct order_key)), 1, {{ most_lines }}) as order_ids
    from named
    group by number
)

select
    listed.number,
    listed.id,
    listed.kind,
    listed.platform,
    listed.shop,
    listed.rank,
    listed.due_at,
    listed.money_to_save,
    listed.money_lost,
    shared.*
from listed
inner join shared
    on listed.number = shared.of_task
order by listed.number
