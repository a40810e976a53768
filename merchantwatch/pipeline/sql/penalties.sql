{#- What all findings cost together. -#}
select cast(sum(paid) as decimal(38, 2)) as penalty
from paid_costs
