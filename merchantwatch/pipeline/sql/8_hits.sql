{#- Judged lines → one row for each line and rule that is hit or near.

    `weight` is what the line adds to the count of its scope, `next_due_at` its next deadline if one is to
    come, `penalty` its cost by the clause, `day` the day that it counts for, and `not_done` says whether the
    act that a clock waits for has not been done.

    `charges` builds, layer by layer, what a line is charged: layer 0 is the plain charge, each further one
    applies one cap: at most so much for a scope (a shop, a day …), in the order in which lines are charged. -#}
{%- import 'unnested.sql' as unnested -%}
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
with ruled as (
    select judged.*, {{ unnested.verdicts(rules) }}
    from judged
)
{%- if charged %},

charged as (
    {%- for rule in charged %}
    {{ 'union all' if not loop.first }}
    select '{{ rule.code }}' as code, source as charged_source, source_row as charged_row, cast(sum(money_{{ rule.caps | length }}) as decimal(18, 2)) as penalty
    from ({{ charges(rule, rule.caps | length) }}) as charges
    group by source, source_row
    {%- endfor %}
)
{%- endif %}

select
    verdict.code as code,
    case verdict.state when 1 then 'hit' else 'near' end as state,
    source,
    source_row,
    platform,
    shop,
    line_id,
    {{ key }} as key,
    amount,
    {{ currency }} as currency,
    case when verdict.state = 1 and coalesce({{ currency }}, 'CNY') = 'CNY' then {{ penalty }} end as penalty,
    {{ buyer_most }} as buyer_most,
    {{ day }} as day,
    verdict.due_at as due_at,
    {{ next_due }} as next_due_at,
    cast({{ weight }} as bigint) as weight,
    {{ not_done }} as not_done,
    {{ risk }} as risk
from ruled
{%- if charged %}
left join charged
    on verdict.code = charged.code and source = charged_source and source_row = charged_row
{%- endif %}
