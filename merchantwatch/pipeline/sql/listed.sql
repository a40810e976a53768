{#- The listed findings, worst first. -#}
select code, state, platform, shop, key, count, risk, currency, amount, penalty, volume, due_at, next_due_at, forecast, alone, counted_on, entry
from {{ listed }} as listed
order by state, rank desc, due_at nulls last, amount desc nulls last, code, platform, shop nulls first, key
