{#- Of each scope whose limit is near: how many lines would add to its count that nobody can ship, for want of stock. -#}
{%- for code in codes %}
{{ 'union all' if not loop.first }}
select '{{ code }}' as code, platform, shop, {{ code }}_key as key, count(*) as lines
from task_lines
where {{ code }}_found > 1 and {{ code }}_at is not null and out_of_stock
group by platform, shop, {{ code }}_key
{%- endfor %}
