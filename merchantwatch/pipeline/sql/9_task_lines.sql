{#- The lines that somebody can still do something about. For each rule that asks for a task:
    `_acts`   its state, as long as the act has not been done, else 0
    `_at`     the next moment at which it takes effect: its deadline or next strike
    `_money`  what it costs then
    `refund`  what a refund that passes by itself takes, in yuan as all sums of tasks
    `_found`  the finding of its scope of several lines: 0 none, 1 a breached limit, 2 a near one that will be
              breached as things go (a forecast), 3 a near one that is breached only if enough lines add to it
    `_quiet`  the entry that suppresses its finding of this line: then the rule asks for nothing, and
    `_off`    is what its state would be

    Fields that only listed tasks show are left to `shown`: storing them for every line would cost more. -#}
{%- macro requires(rule) -%}
{#- What a clock is near to, or far from, has not been done. -#}
{% if rule.is_clock %}({{ rule.code }}_state in (2, 4) or ({{ rule.code }}_state = 1 and {{ rule.not_done }})){% else %}{{ rule.code }}_state in (1, 2, 4) and {{ rule.not_done }}{% endif %}
{%- endmacro -%}
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
        judged.*,
        {{ currency }} as currency,
        {%- for rule in rules %}
        case when {{ requires(rule) }}{% if rule.code in quiet %} and {{ rule.code }}_quiet is null{% endif %} then {{ rule.code }}_state else 0 end as {{ rule.code }}_acts{{ ',' if not loop.last }}
        {%- endfor %}
        {%- for rule in rules if rule.code in quiet %},
        {{ rule.code }}_quiet,
        case when {{ rule.code }}_quiet is not null and {{ rule.not_done }} then {{ rule.code }}_state else 0 end as {{ rule.code }}_off
        {%- endfor %}
    from judged
    {%- if quiet %}
    left join quiet
        on judged.source = quiet.of_source and judged.source_row = quiet.of_row
    {%- endif %}
),

{%- if keys %}
of_scopes as (
    select
        code,
        platform,
        shop,
        key,
        case when state <> 'near' then 1 when forecast is not null then 2 else 3 end as found
    from findings
    where code in ({% for key in keys %}{% for rule in key.rules %}'{{ rule.code }}'{{ ', ' if not loop.last }}{% endfor %}{{ ', ' if not loop.last }}{% endfor %})
),
{%- endif %}

lines as (
    select
        acting.source,
        acting.source_row,
        acting.platform,
        acting.shop,
        {%- for name in named %}
        acting.{{ name }},
        {%- endfor %}
        {%- if loses %}
        case when coalesce(currency, 'CNY') = 'CNY' then acting.amount end as refund,
        {%- endif %}
        {{ 'acting.out_of_stock' if knows_stock else 'false as out_of_stock' }},
        coalesce(acting.order_id, acting.line_id) as order_key,
        {%- for key in keys if key.sql != key.name %}
        {{ key.sql }} as {{ key.name }},
        {%- endfor %}
        {%- if priced %}
        coalesce(paid_costs.highest_cost, 0) as highest_cost,
        coalesce(paid_costs.paid, 0) as paid
        {%- else %}
        cast(0 as decimal(18, 2)) as highest_cost,
        cast(0 as decimal(18, 2)) as paid
        {%- endif %}
        {%- for code in quiet %},
        {{ code }}_quiet,
        {{ code }}_off
        {%- endfor %}
        {%- for rule in rules %},
        cast({{ rule.code }}_acts as tinyint) as {{ rule.code }}_acts,
        {{ rule.at }} as {{ rule.code }}_at
        {%- if rule.money %},
        case when {{ rule.code }}_acts in (1, 2, 4) and coalesce(currency, 'CNY') = 'CNY' then {{ rule.money }} end as {{ rule.code }}_money,
        coalesce({{ rule.on_top }}, false) as {{ rule.code }}_on_top
        {%- endif %}
        {%- endfor %}
    from acting
    {%- if priced %}
    left join paid_costs
        on acting.source = paid_costs.source and acting.source_row = paid_costs.source_row
    {%- endif %}
    where {% for rule in rules %}{{ rule.code }}_acts in (1, 2){{ ' or ' if not loop.last }}{% endfor %}
    {%- for code in quiet %} or {{ code }}_off in (1, 2){% endfor %}
)

select
    lines.*,
    {%- for key in keys %}
    {%- for rule in key.rules %}
    cast(coalesce(by_{{ key.name }}.{{ rule.code }}_found, 0) as tinyint) as {{ rule.code }}_found,
    {%- endfor %}
    {%- endfor %}
    greatest(highest_cost
    {%- for rule in rules if rule.money %}, case when {{ rule.code }}_at is not null and not {{ rule.code }}_on_top then coalesce({{ rule.code }}_money, 0) else 0 end
    {%- endfor %}, 0) - highest_cost
    {%- for rule in rules if rule.money %}
    + case when {{ rule.code }}_at is not null and {{ rule.code }}_on_top then coalesce({{ rule.code }}_money, 0) else 0 end
    {%- endfor %}
    {%- for rule in rules if rule.loses %}
    {{ '+ case when ' if loop.first else ' or ' }}{{ rule.code }}_at is not null{{ ' then coalesce(lines.refund, 0) else 0 end' if loop.last }}
    {%- endfor %} as to_save
from lines
{%- for key in keys %}
left join (
    select platform, shop, key
        {%- for rule in key.rules %},
        max(case when code = '{{ rule.code }}' then found end) as {{ rule.code }}_found
        {%- endfor %}
    from of_scopes
    where code in ({% for rule in key.rules %}'{{ rule.code }}'{{ ', ' if not loop.last }}{% endfor %})
    group by platform, shop, key
) as by_{{ key.name }}
    on lines.platform = by_{{ key.name }}.platform and lines.shop is not distinct from by_{{ key.name }}.shop
    and lines.{{ key.name }} = by_{{ key.name }}.key
{%- endfor %}
