{#- Judged lines → one row for each line and rule that is hit or near. `weight` is what the line
    adds to the count of its scope; `next_due_at` its next deadline, while one lies ahead; `penalty`
    what it costs by the clause; `day` the day that it counts for; `still` whether
    what a clock waits for has not been done.

    Where a clause bounds what a shop or a product pays on a day, or takes money for each strike, the
    charges of all lines are put in their order first: what is paid is what those before have left. -#}
{%- macro charges(rule, layer) -%}
{%- if layer == 0 -%}
    {%- for test, at in rule.times %}
    {{ 'union all' if not loop.first }}
    select
        source,
        source_row,
        platform,
        shop,
        product_id,
        line_id,
        {{ rule.money }} as money_0,
        {{ at }} as charged_at,
        cast({{ at }} as date) as charged_on
        {%- for _, most in rule.caps %},
        {{ most }} as most_{{ loop.index }}
        {%- endfor %}
    from judged
    where {{ rule.code }}_state = 1 and {{ test }}
    {%- endfor %}
{%- else %}
    select
        *,
        {%- set money = 'money_' ~ (layer - 1) %}
        case
            when most_{{ layer }} is null or {{ money }} is null then {{ money }}
            else greatest(least({{ money }}, most_{{ layer }} - coalesce(sum({{ money }}) over (
                partition by platform, shop, {{ rule.caps[layer - 1][0] }}
                order by charged_at, line_id
                rows between unbounded preceding and 1 preceding
            ), 0)), 0)
        end as money_{{ layer }}
    from ({{ charges(rule, layer - 1) }}) as charges_{{ layer - 1 }}
{%- endif -%}
{%- endmacro -%}
{%- for rule in charged %}
{{ 'with' if loop.first }} {{ rule.code }}_charged as (
    select source as charged_source, source_row as charged_row, cast(sum(money_{{ rule.caps | length }}) as decimal(18, 2)) as penalty
    from ({{ charges(rule, rule.caps | length) }}) as charges
    group by source, source_row
){{ ',' if not loop.last }}
{%- endfor %}

select
    '' as code,
    '' as state,
    source,
    source_row,
    platform,
    shop,
    line_id,
    line_id as key,
    amount,
    cast(null as varchar) as currency,
    cast(null as decimal(18, 2)) as penalty,
    cast(null as decimal(18, 2)) as buyer_most,
    cast(null as date) as day,
    cast(null as timestamp) as due_at,
    cast(null as timestamp) as next_due_at,
    cast(0 as bigint) as weight,
    true as still,
    cast(null as decimal(18, 4)) as risk
from judged
where false
{%- for rule in rules %}

union all

select
    '{{ rule.code }}' as code,
    case {{ rule.code }}_state when 1 then 'hit' else 'near' end as state,
    source,
    source_row,
    platform,
    shop,
    line_id,
    {{ rule.key }} as key,
    amount,
    {{ currency }} as currency,
    case when coalesce({{ currency }}, 'CNY') = 'CNY' then {{ rule.penalty }} end as penalty,
    {{ rule.buyer_most }} as buyer_most,
    {{ rule.day }} as day,
    {{ rule.shown_due }} as due_at,
    {{ rule.next_due }} as next_due_at,
    {{ rule.weight }} as weight,
    {{ rule.still }} as still,
    {{ rule.risk }} as risk
from judged
{%- if rule.charged %}
left join {{ rule.code }}_charged
    on source = charged_source and source_row = charged_row
{%- endif %}
where {{ rule.code }}_state in (1, 2)
{%- endfor %}
