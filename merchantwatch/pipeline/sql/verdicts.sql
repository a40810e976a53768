{#- The count and state of each finding, without texts: a backtest needs them for many moments. -#}
select code, platform, shop, key, state, count, risk, due_at
from findings
order by code, platform, shop, key
