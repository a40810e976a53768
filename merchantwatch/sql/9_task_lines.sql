{#- The lines that somebody can still do something about: what is known of each, of every rule that asks for a
    task its state, as long as the act has not been done, its deadline or next strike, and what that takes. -#}
with acting as (
    select
        shown.*,
        {{ currency }} as currency,
        {%- for rule in rules %}
        case when {{ rule.still }} then {{ rule.code }}_state else 0 end as {{ rule.code }}_acts{{ ',' if not loop.last }}
        {%- endfor %}
    from shown
)

select
    acting.source,
    acting.source_row,
    acting.platform,
    acting.shop,
    acting.order_id,
    acting.line_id,
    acting.product_id,
    acting.product_name,
    acting.quantity,
    acting.amount,
    acting.currency,
    acting.warehouse,
    acting.carrier,
    acting.tracking_no,
    acting.case_id,
    line_costs.dearest,
    line_costs.on_top
    {%- for rule in rules %},
    cast({{ rule.code }}_acts as integer) as {{ rule.code }}_acts,
    {{ rule.at }} as {{ rule.code }}_at,
    {{ rule.key }} as {{ rule.code }}_key
    {%- if rule.money %},
    case when {{ rule.code }}_acts in (1, 2, 4) and coalesce(currency, 'CNY') = 'CNY' then {{ rule.money }} end as {{ rule.code }}_money,
    coalesce({{ rule.on_top }}, false) as {{ rule.code }}_on_top
    {%- endif %}
    {%- endfor %}
from acting
left join {% include 'line_costs.sql' %} as line_costs
    on acting.source = line_costs.source and acting.source_row = line_costs.source_row
where {% for rule in rules %}{{ rule.code }}_acts in (1, 2){{ ' or ' if not loop.last }}{% endfor %}
