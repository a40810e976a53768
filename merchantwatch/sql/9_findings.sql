{#- Hits → findings: counted per scope, held against the limit. -#}
create table findings as
with limits(code, at_least, more_than, near, rank) as (
    values
    ('', 1, 1, 1, 0)
    {%- for rule in counted %},
    ('{{ rule.code }}', {{ rule.at_least }}, {{ rule.more_than }}, {{ rule.near }}, {{ rule.rank }})
    {%- endfor %}
),

scopes as (
    select
        code,
        platform,
        shop,
        key,
        sum(weight) as count,
        sum(case when state = 'hit' then weight else 0 end) as reached,
        count(*) - count(case when state = 'hit' then 1 end) as near_lines,
        max(risk) as risk
    from hits
    where key is not null
    group by code, platform, shop, key
),

stated as (
    select
        scopes.*,
        limits.rank,
        case
            when scopes.reached >= limits.at_least or scopes.reached > limits.more_than then 'breached'
            when scopes.near_lines > 0 or scopes.reached >= limits.near then 'near'
        end as state
    from scopes
    inner join limits on scopes.code = limits.code
),

next_due as (
    select code, platform, shop, key, min(next_due_at) as next_due_at
    from (
        select code, platform, shop, key, next_due_at from open_lines
        union all
        select code, platform, shop, key, next_due_at from hits where next_due_at is not null
    ) as ahead
    group by code, platform, shop, key
),

money as (
    select
        hits.code,
        hits.platform,
        hits.shop,
        hits.key,
        sum(hits.amount) as amount,
        min(hits.due_at) as due_at
    from hits
    inner join stated
        on hits.code = stated.code and hits.platform = stated.platform
        and hits.shop is not distinct from stated.shop and hits.key = stated.key
    where hits.state = 'hit' or stated.state = 'near'
    group by hits.code, hits.platform, hits.shop, hits.key
)

select
    stated.code,
    stated.state,
    stated.rank,
    stated.platform,
    stated.shop,
    stated.key,
    stated.count,
    stated.risk,
    money.amount,
    money.due_at,
    next_due.next_due_at
from stated
left join next_due
    on stated.code = next_due.code and stated.platform = next_due.platform
    and stated.shop is not distinct from next_due.shop and stated.key = next_due.key
left join money
    on stated.code = money.code and stated.platform = money.platform
    and stated.shop is not distinct from money.shop and stated.key = money.key
where stated.state is not null
