{#- An export without line ids: an order id that stands in several rows gets a running number. -#}
{%- import 'cells.sql' as cell with context -%}
create table {{ named }} as
with cells as (
    select
        source_row,
        {{ cell.cleaned(f) }} as order_id
    from {{ relation }}
),

counted as (
    select
        source_row,
        order_id,
        count(*) over (partition by order_id) as rows,
        row_number() over (partition by order_id order by source_row) as number
    from cells
)

select source_row, order_id || '-' || number as line_id
from counted
where rows > 1
