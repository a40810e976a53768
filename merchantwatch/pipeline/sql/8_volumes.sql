{#- The denominators of shares: how many lines each scope has, by day for rules that compare each day.
    Rows are grouped once for all rules, which then add up groups instead of rows. -#}
{%- if rates -%}
with grouped as (
    select {{ columns | join(', ') }}, count(*) as lines
    from current
    group by {{ columns | join(', ') }}
)
{% endif %}
select
    '' as code,
    '' as platform,
    '' as shop,
    '' as key,
    cast(null as date) as counted_on,
    cast(0 as bigint) as volume
where false
{%- for rule in rates %}

union all

select
    '{{ rule.code }}' as code,
    {{ rule.platform }} as platform,
    of_shop as shop,
    {{ rule.key }} as key,
    {{ rule.counted_on }} as counted_on,
    cast(sum(lines) as bigint) as volume
from grouped
where {{ rule.column }} is not null
group by {{ rule.platform }}, of_shop, {{ rule.key }}, {{ rule.counted_on }}
{%- endfor %}
