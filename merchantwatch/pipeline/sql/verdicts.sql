{#- The count and state of each finding, without texts: for many moments one after the other. -#}
select code, platform, shop, key, state, count, risk, due_at
from findings
order by code, platform, shop, key
