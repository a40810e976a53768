{#- For each shop and day: how many lines were due, and how many of them were late. -#}
with due as (
    {%- for rule in rules %}
    {{ 'union all' if not loop.first }}
    select '{{ rule.code }}' as code, {{ platform }} as platform, of_shop as shop, {{ rule.column }} as day, count(*) as lines
    from current
    where {{ rule.column }} between {{ first }} and {{ last }}
    group by {{ platform }}, of_shop, {{ rule.column }}
    {%- endfor %}
),

late as (
    select code, platform, shop, coalesce(day, cast(due_at as date)) as day, count(*) as lines
    from hits
    where code in ({{ codes }}) and state = 'hit'
    group by code, platform, shop, coalesce(day, cast(due_at as date))
)

select due.platform, due.shop, due.day, due.lines, coalesce(late.lines, 0) as late
from due
left join late
    on due.code = late.code and due.platform = late.platform
    and due.shop is not distinct from late.shop and due.day = late.day
order by due.platform, due.shop nulls first, due.day
