{#- All findings that are not suppressed, numbered from the worst on: the history and Python users read
    more of them than a report lists. -#}
select
    code, state, rank, platform, shop, key, count, risk, currency, amount, penalty, volume, due_at, next_due_at, forecast, alone, counted_on,
    cast(null as integer) as entry,
    row_number() over (
        order by state, rank desc, due_at nulls last, amount desc nulls last, code, platform, shop nulls first, key
    ) as place
from findings
