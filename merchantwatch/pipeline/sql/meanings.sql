{#- Exports of parcels whose column of orders has values that are the id of an order, and also of a line
    of another order: how many of its values are of lines alone, and how many of orders alone. -#}
{%- macro found_by(column) -%}
select distinct parcels.platform, parcels.key
    from states
    inner join parcels
        on states.{{ column }} = parcels.number
    where states.left_out = 0
{%- endmacro -%}
with lines as (
    {{ found_by(by_line) }}
),

orders as (
    {{ found_by(by_order) }}
),

named as (
    select distinct source, platform, key
    from filed_parcels
    where filed_by = '{{ either }}'
)

select
    named.source,
    count(case when orders.key is null then lines.key end) as lines,
    count(case when lines.key is null then orders.key end) as orders
from named
left join lines on named.platform = lines.platform and named.key = lines.key
left join orders on named.platform = orders.platform and named.key = orders.key
group by named.source
having count(case when orders.key is not null then lines.key end) > 0
order by named.source
