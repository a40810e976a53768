{#- Hits → findings: counted per scope, held against the limit. Hits alone make a finding; where it is
    only near, its lines are those that are near. -#}
with limits(code, at_least, more_than, near, rank) as (
    values
    ('', 1, 1, 1, 0)
    {%- for rule in counted %},
    ('{{ rule.code }}', {{ rule.at_least }}, {{ rule.more_than }}, {{ rule.near }}, {{ rule.rank }})
    {%- endfor %}
),

events as (
    select code, platform, shop, key, state, weight, amount, due_at, next_due_at, risk
    from hits
    where key is not null

    union all

    select code, platform, shop, key, 'open', 0, null, null, next_due_at, null
    from open_lines
    where key is not null
),

scopes as (
    select
        code,
        platform,
        shop,
        key,
        sum(weight) as count,
        sum(case when state = 'hit' then weight else 0 end) as reached,
        count(case when state = 'near' then 1 end) as near_lines,
        count(case when state <> 'open' then 1 end) as lines,
        max(risk) as risk,
        sum(amount) as amount,
        sum(case when state = 'hit' then amount end) as hit_amount,
        min(due_at) as due_at,
        min(case when state = 'hit' then due_at end) as hit_due_at,
        min(next_due_at) as next_due_at
    from events
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
    where scopes.lines > 0
)

select
    code,
    state,
    rank,
    platform,
    shop,
    key,
    count,
    risk,
    case when state = 'near' then amount else hit_amount end as amount,
    case when state = 'near' then due_at else hit_due_at end as due_at,
    next_due_at
from stated
where state is not null
