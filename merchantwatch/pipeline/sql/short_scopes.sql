{#- For each scope whose limit is near: how many lines that would add to its count cannot be shipped, as they are
    out of stock. -#}
{%- for rule in rules %}
{{ 'union all' if not loop.first }}
select '{{ rule.code }}' as code, platform, shop, {{ rule.key }} as key, count(*) as lines
from task_lines
where {{ rule.code }}_found > 1 and {{ rule.code }}_at is not null and out_of_stock
group by platform, shop, {{ rule.key }}
{%- endfor %}
