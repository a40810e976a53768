{#- Rows of one export with one id, but with another order, product or creation. Which of them is the
    line is unknown, so none of them is understood. -#}
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
) as apart
    on twins.source = apart.source and twins.line_hash = apart.line_hash and twins.line_check = apart.line_check
