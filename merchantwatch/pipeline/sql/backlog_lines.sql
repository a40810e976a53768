{#- All lines for which an act is still possible, with their fields, and the acts that rules require. -#}
select
    lines.platform,
    lines.shop,
    lines.highest_cost,
    shown.order_id,
    shown.line_id,
    shown.product_id,
    shown.product_name,
    shown.quantity,
    shown.amount,
    shown.currency,
    shown.warehouse,
    shown.carrier,
    shown.tracking_no,
    shown.case_id,
    shown.shipped_at is not null or coalesce(shown.status in ('shipped', 'completed'), false) as uploaded,
    coalesce(lines.out_of_stock, false) as out_of_stock
    {%- for rule in rules %},
    lines.{{ rule.code }}_acts,
    lines.{{ rule.code }}_at
    {%- if not rule.of_line %},
    lines.{{ rule.key }} as {{ rule.code }}_key
    {%- endif %}
    {%- if rule.money %},
    lines.{{ rule.code }}_money,
    lines.{{ rule.code }}_on_top
    {%- endif %}
    {%- endfor %}
from task_lines as lines
inner join (
    select *, {{ currency }} as currency
    from shown
) as shown
    on lines.source = shown.source and lines.source_row = shown.source_row
order by lines.platform, shown.line_id, lines.source, lines.source_row
