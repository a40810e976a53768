{#- What all clauses together cost for each line, `paid`. With `by_buyer` some clause bounds what one buyer gets for
    all lines paid on one day: the highest such bound counts, and is used up in the order of the lines.
    Where the buyer is unknown, an order counts as one buyer. -#}
{%- if not by_buyer -%}
select source, source_row, highest_cost, on_top, highest_cost + on_top as paid
from {% include 'line_costs.sql' %} as line_costs
{%- else -%}
select
    source,
    source_row,
    highest_cost,
    on_top,
    case
        when most is null then owed
        else greatest(least(owed, most - coalesce(sum(owed) over (
            partition by platform, shop, buyer, paid_on
            order by source, source_row
            rows between unbounded preceding and 1 preceding
        ), 0)), 0)
    end as paid
from (
    select
        owing.*,
        max(buyer_most) over (partition by platform, shop, buyer, paid_on) as most
    from (
        select
            line_costs.source,
            line_costs.source_row,
            line_costs.highest_cost,
            line_costs.on_top,
            line_costs.buyer_most,
            line_costs.highest_cost + line_costs.on_top as owed,
            judged.platform,
            judged.shop,
            coalesce('b' || judged.buyer_key, 'o' || judged.order_id, 'l' || judged.line_id) as buyer,
            cast(coalesce(judged.paid_at, judged.created_at) as date) as paid_on
        from {% include 'line_costs.sql' %} as line_costs
        inner join judged
            on line_costs.source = judged.source and line_costs.source_row = judged.source_row
    ) as owing
) as bounded
{%- endif -%}
