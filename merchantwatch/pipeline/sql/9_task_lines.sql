{#- The lines that somebody can still do something about: what is known of each, of every rule that asks for a
    task its state, as long as the act has not been done, its deadline or next strike, and what that takes. Of a
    rule of a scope of several lines `found` says what has been found there: 0 nothing, 1 a broken limit, or one that
    is near, 2 surely to be reached as things go (a forecast, a share), 3 only if enough lines add to the count.

    A rule whose finding of a line is suppressed asks for nothing there: `_quiet` is the entry by which, `_off` what
    its state would be. -#}
with
{%- if quiet %}
quiet as (
    select hits.source as of_source, hits.source_row as of_row
        {%- for code in quiet %},
        min(case when suppressed.code = '{{ code }}' then suppressed.entry end) as {{ code }}_quiet
        {%- endfor %}
    from suppressed
    inner join hits
        on suppressed.code = hits.code and suppressed.platform = hits.platform
        and suppressed.shop is not distinct from hits.shop and suppressed.key = hits.key
    where suppressed.code in ('{{ quiet | join("', '") }}')
    group by hits.source, hits.source_row
),

{%- endif %}
acting as (
    select
        shown.*,
        {{ currency }} as currency,
        {%- for rule in rules %}
        case when {{ rule.code }}_state in (1, 2, 4) and {{ rule.still }}
            {%- if rule.code in quiet %} and {{ rule.code }}_quiet is null{% endif %} then {{ rule.code }}_state else 0 end as {{ rule.code }}_acts{{ ',' if not loop.last }}
        {%- endfor %}
        {%- for rule in rules if rule.code in quiet %},
        {{ rule.code }}_quiet,
        case when {{ rule.code }}_quiet is not null and {{ rule.still }} then {{ rule.code }}_state else 0 end as {{ rule.code }}_off
        {%- endfor %}
    from shown
    {%- if quiet %}
    left join quiet
        on shown.source = quiet.of_source and shown.source_row = quiet.of_row
    {%- endif %}
),

lines as (
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
        {{ 'acting.out_of_stock' if knows_stock else 'false as out_of_stock' }},
        coalesce(acting.order_id, acting.line_id) as order_key,
        coalesce(paid_costs.dearest, 0) as dearest,
        coalesce(paid_costs.on_top, 0) as on_top,
        coalesce(paid_costs.paid, 0) as paid
        {%- for code in quiet %},
        {{ code }}_quiet,
        {{ code }}_off
        {%- endfor %}
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
    left join {% include 'paid_costs.sql' %} as paid_costs
        on acting.source = paid_costs.source and acting.source_row = paid_costs.source_row
    where {% for rule in rules %}{{ rule.code }}_acts in (1, 2){{ ' or ' if not loop.last }}{% endfor %}
    {%- for code in quiet %} or {{ code }}_off in (1, 2){% endfor %}
)

select
    lines.*,
    {%- for rule in rules if not rule.of_line %}
    cast(case
        when of_{{ rule.code }}.state is null then 0
        when of_{{ rule.code }}.state <> 'near' then 1
        when {{ rule.sure }} or of_{{ rule.code }}.forecast is not null then 2
        else 3
    end as integer) as {{ rule.code }}_found,
    {%- endfor %}
    greatest(dearest
    {%- for rule in rules if rule.money %}, case when {{ rule.code }}_at is not null and not {{ rule.code }}_on_top then coalesce({{ rule.code }}_money, 0) else 0 end
    {%- endfor %}, 0) - dearest
    {%- for rule in rules if rule.money %}
    + case when {{ rule.code }}_at is not null and {{ rule.code }}_on_top then coalesce({{ rule.code }}_money, 0) else 0 end
    {%- endfor %}
    + case when {% for rule in rules if rule.loses %}{{ rule.code }}_at is not null or {% endfor %}false then coalesce(lines.amount, 0) else 0 end as to_save
from lines
{%- for rule in rules if not rule.of_line %}
left join findings as of_{{ rule.code }}
    on of_{{ rule.code }}.code = '{{ rule.code }}' and lines.platform = of_{{ rule.code }}.platform
    and lines.shop is not distinct from of_{{ rule.code }}.shop and lines.{{ rule.code }}_key = of_{{ rule.code }}.key
{%- endfor %}
