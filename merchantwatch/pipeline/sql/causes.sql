{#- The lines at risk, counted by what they have in common: product, carrier … -#}
with at_risk as (
    select shown.*
    from hits
    inner join shown
        on hits.source = shown.source and hits.source_row = shown.source_row
    where hits.code = {{ code }}
)

select '' as kind, '' as value, '' as name, cast(0 as bigint) as lines, cast(0 as bigint) as at_risk, cast(0 as decimal(38, 2)) as amount
where false
{%- for kind, field in kinds.items() %}

union all

select
    '{{ kind }}' as kind,
    {{ field }} as value,
    {{ 'min(product_name)' if kind == 'product' else field }} as name,
    count(*) as lines,
    cast(sum(count(*)) over () as bigint) as at_risk,
    sum(amount) as amount
from at_risk
where {{ field }} is not null
group by {{ field }}
{%- endfor %}
