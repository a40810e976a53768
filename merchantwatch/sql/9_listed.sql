{#- The worst findings of each rule, as many as a report lists. -#}
with ranked as (
    select
        *,
        row_number() over (
            partition by code
            order by state, due_at nulls last, amount desc nulls last, platform, shop nulls first, key
        ) as place
    from findings
)

select code, state, rank, platform, shop, key, count, risk, amount, penalty, volume, due_at, next_due_at
from ranked
where place <= {{ most }}
