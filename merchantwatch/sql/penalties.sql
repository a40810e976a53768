{#- What all findings cost together. -#}
select cast(sum(dearest + on_top) as decimal(38, 2)) as penalty
from {% include 'line_costs.sql' %} as line_costs
