{#- What all findings cost together. -#}
select cast(sum(paid) as decimal(38, 2)) as penalty
from {% include 'paid_costs.sql' %} as paid_costs
