{#- How many lines of each scope a share is taken of. -#}
select '' as code, '' as platform, '' as shop, '' as key, cast(0 as bigint) as volume
where false
{%- for rule in rates %}

union all

select '{{ rule.code }}' as code, {{ rule.platform }} as platform, of_shop as shop, {{ rule.key }} as key, count(*) as volume
from current
where {{ rule.code }}_day is not null
group by {{ rule.platform }}, of_shop, {{ rule.key }}
{%- endfor %}
