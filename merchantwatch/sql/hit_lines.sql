{#- Every hit with its line, as it is written to CSV and Parquet. No personal columns. -#}
select
    hits.code,
    hits.state,
    hits.platform,
    hits.shop,
    shown.order_id,
    hits.line_id,
    shown.product_id,
    shown.product_name,
    shown.sku,
    shown.quantity,
    hits.amount,
    hits.penalty,
    shown.status,
    hits.weight as count,
    hits.due_at,
    hits.next_due_at,
    shown.created_at,
    shown.paid_at,
    shown.promised_ship_at,
    shown.shipped_at,
    shown.picked_up_at,
    shown.tracking_no,
    shown.carrier,
    shown.warehouse,
    shown.out_of_stock_from,
    hits.risk,
    {{ source_file }} as source_file,
    {{ source_row }} as source_row
from hits
inner join shown
    on hits.source = shown.source and hits.source_row = shown.source_row
{%- if code %}
where hits.code = {{ code }}
{%- endif %}
order by hits.code, hits.state, hits.due_at nulls last, hits.amount desc nulls last, hits.platform, hits.line_id
