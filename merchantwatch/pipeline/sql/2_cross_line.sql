{#- The first reading of one export, for cross-line fields: buyer, receiver, tracking number, seller. A
    row created after as-of has none of them, but still supersedes older rows of its line. -#}
{%- import 'identity.sql' as identity -%}
select
    source,
    source_row,
    {{ identity.of('platform', "coalesce(line_id, '')") }},
    platform,
    coalesce(order_id, line_id) as order_key,
    case when left_out = 0 then tracking_no end as tracking_no,
    shipped_at,
    {{ receiver_key }} as receiver_key,
    case when left_out = 0 then {{ buyer_key }} end as buyer_key,
    {{ case_number }} as case_number,
    case when left_out = 0 then coalesce(shop, '') end as seller
from ({{ standing }}) as standing
where left_out in (0, 2)
