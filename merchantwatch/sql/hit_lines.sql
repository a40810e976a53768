{#- Every hit with its line, as it is written to CSV and Parquet. No personal columns. -#}
select
    hits.code,
    hits.state,
    hits.platform,
    hits.shop,
    judged.order_id,
    hits.line_id,
    judged.product_id,
    judged.product_name,
    judged.sku,
    judged.quantity,
    hits.amount,
    hits.penalty,
    judged.status,
    hits.weight as count,
    hits.due_at,
    hits.next_due_at,
    judged.created_at,
    judged.paid_at,
    judged.promised_ship_at,
    judged.shipped_at,
    judged.picked_up_at,
    judged.tracking_no,
    judged.carrier,
    judged.warehouse,
    judged.out_of_stock_from,
    hits.risk,
    {{ source_file }} as source_file,
    {{ source_row }} as source_row
from hits
inner join judged
    on hits.source = judged.source and hits.source_row = judged.source_row
{%- if code %}
where hits.code = {{ code }}
{%- endif %}
order by hits.code, hits.state, hits.due_at nulls last, hits.amount desc nulls last, hits.platform, hits.line_id
