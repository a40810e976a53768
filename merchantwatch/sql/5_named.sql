{#- Exports without line ids: an order id that stands in several rows gets a running number. -#}
{%- import 'identity.sql' as identity -%}
with counted as (
    select
        source,
        source_row,
        platform,
        order_id,
        count(*) over (partition by source, order_id) as rows,
        row_number() over (partition by source, order_id order by source_row) as number
    from kept
    where source in ({{ sources }}) and order_id is not null
)

select
    source,
    source_row,
    order_id || '-' || number as line_id,
    {{ identity.of('platform', "order_id || '-' || number") }}
from counted
where rows > 1
