{#- Rows of one export that share a line id, but differ in order, product or creation. Which of them is
    the line is unknown, so none of them counts as understood. -#}
select twins.source, twins.source_row, 'DQ106 line_id ' || twins.line_id as problem
from {{ twins }} as twins
inner join (
    select source, line_hash, line_check
    from {{ twins }} as twins
    {%- if sources %}
    where source in ({{ sources }})
    {%- endif %}
    group by source, line_hash, line_check
    having min(order_id) <> max(order_id) or min(product_id) <> max(product_id) or min(created_at) <> max(created_at)
) as contradictory
    on twins.source = contradictory.source and twins.line_hash = contradictory.line_hash and twins.line_check = contradictory.line_check
