{#- What all findings cost together. Where clauses bound what one buyer gets for all that was paid for on one day,
    the highest bound among them counts; where nobody knows the buyer, an order has one. -#}
{%- if not by_buyer -%}
select cast(sum(dearest + on_top) as decimal(38, 2)) as penalty
from {% include 'line_costs.sql' %} as line_costs
{%- else -%}
select cast(sum(case when most is null then owed else least(owed, most) end) as decimal(38, 2)) as penalty
from (
    select sum(line_costs.dearest + line_costs.on_top) as owed, max(line_costs.buyer_most) as most
    from {% include 'line_costs.sql' %} as line_costs
    inner join judged
        on line_costs.source = judged.source and line_costs.source_row = judged.source_row
    group by
        judged.platform,
        judged.shop,
        coalesce('b' || judged.buyer_key, 'o' || judged.order_id, 'l' || judged.line_id),
        cast(coalesce(judged.paid_at, judged.created_at) as date)
) as buyers
{%- endif %}
