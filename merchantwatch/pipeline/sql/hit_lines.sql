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
    {{ source_row }} as source_row,
    {%- if exemptions %}
    exemptions.number as exemption_row,
    exemptions.reason as exemption
    {%- else %}
    cast(null as integer) as exemption_row,
    cast(null as varchar) as exemption
    {%- endif %},
    nullif(hits.currency, '*') as currency
{%- if exemptions %}
from (
    {%- for name in ('hits', 'exempt_hits') %}
    select code, state, source, source_row, platform, shop, line_id, amount, currency, penalty, due_at, next_due_at, weight, risk
    from {{ name }}
    {%- if not loop.last %}

    union all
{% endif %}
    {%- endfor %}
) as hits
{%- else %}
from hits
{%- endif %}
inner join shown
    on hits.source = shown.source and hits.source_row = shown.source_row
{%- if exemptions %}
left join exempt
    on hits.code = exempt.code and hits.source = exempt.source and hits.source_row = exempt.source_row
left join exemptions on exempt.number = exemptions.number
{%- endif %}
{%- if code %}
where hits.code = {{ code }}
{%- endif %}
order by hits.code, hits.state, hits.due_at nulls last, hits.amount desc nulls last, hits.platform, hits.line_id
