{#- What each finding comes to, with nothing put into words: for many moments one after the other. -#}
select code, platform, shop, key, state, count, risk, due_at
from findings
order by code, platform, shop, key
