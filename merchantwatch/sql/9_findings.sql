{#- Hits → findings: counted per scope, held against the limit. Hits alone make a finding; where it is
    only near, its lines are those that are near, and the deadline of such a line lies ahead. A line
    that is a scope of its own has nothing to be added up. -#}
{%- set next_due -%}
case when state = 'near' and code in ({{ ahead }}) then due_at else next_due_at end
{%- endset -%}
{#- Amounts of several currencies are not added up; of a line that is no hit yet nothing is added. -#}
{%- set of_one_currency = "count(distinct case when state <> 'open' and amount is not null then coalesce(currency, '') end) <= 1 and max(case when state <> 'open' then 1 else 0 end) = 1 and coalesce(min(currency), '') <> '*'" -%}
with limits(code, at_least, more_than, near, share_at_least, share_more_than, share_near, min_volume, rank) as (
    values
    ('', 1, 1, 1, 1.0, 1.0, 1.0, 1, 0)
    {%- for rule in counted %},
    (
        '{{ rule.code }}', {{ rule.at_least }}, {{ rule.more_than }}, {{ rule.near }},
        {{ rule.share_at_least }}, {{ rule.share_more_than }}, {{ rule.share_near }}, {{ rule.min_volume }},
        {{ rule.rank }}
    )
    {%- endfor %}
),

added as (
    select code, platform, shop, key, state, weight, amount, currency, penalty, due_at, risk, {{ next_due }} as next_due_at
    from hits
    where key is not null and code not in ({{ of_lines }})

    union all

    select code, platform, shop, key, 'open', 0, null, null, null, null, null, next_due_at
    from open_scopes
    where key is not null
),

scopes as (
    select
        code,
        platform,
        shop,
        key,
        weight as count,
        case when state = 'hit' then weight else 0 end as reached,
        case when state = 'near' then 1 else 0 end as near_lines,
        1 as lines,
        risk,
        amount,
        currency,
        penalty,
        case when state = 'hit' then amount end as hit_amount,
        due_at,
        case when state = 'hit' then due_at end as hit_due_at,
        {{ next_due }} as next_due_at
    from hits
    where key is not null and code in ({{ of_lines }})

    union all

    select
        code,
        platform,
        shop,
        key,
        cast(sum(weight) as bigint) as count,
        sum(case when state = 'hit' then weight else 0 end) as reached,
        count(case when state = 'near' then 1 end) as near_lines,
        count(case when state <> 'open' then 1 end) as lines,
        max(risk) as risk,
        case when {{ of_one_currency }} then sum(amount) end as amount,
        case when {{ of_one_currency }} then min(currency) end as currency,
        sum(penalty) as penalty,
        case when {{ of_one_currency }} then sum(case when state = 'hit' then amount end) end as hit_amount,
        min(due_at) as due_at,
        min(case when state = 'hit' then due_at end) as hit_due_at,
        min(next_due_at) as next_due_at
    from added
    group by code, platform, shop, key
),

held as (
    select
        scopes.*,
        volumes.volume,
        limits.rank,
        limits.near,
        coalesce(limits.share_at_least, limits.share_more_than) is not null as of_share,
        coalesce(limits.at_least, limits.more_than) is null
            or coalesce(scopes.reached >= limits.at_least, false)
            or coalesce(scopes.reached > limits.more_than, false) as many,
        coalesce(volumes.volume >= coalesce(limits.min_volume, 1), false) as enough,
        coalesce(scopes.reached >= limits.share_at_least * volumes.volume, false)
            or coalesce(scopes.reached > limits.share_more_than * volumes.volume, false) as dense,
        limits.near is not null or limits.share_near is not null as warned,
        coalesce(scopes.reached >= limits.share_near * volumes.volume, limits.share_near is null) as close
    from scopes
    inner join limits on scopes.code = limits.code
    left join volumes
        on scopes.code = volumes.code and scopes.platform = volumes.platform
        and scopes.shop is not distinct from volumes.shop and scopes.key = volumes.key
    where scopes.lines > 0
),

stated as (
    select
        *,
        case
            when not of_share and many then 'breached'
            when not of_share and (near_lines > 0 or reached >= near) then 'near'
            when of_share and enough and many and dense then 'breached'
            when of_share and enough and close and reached >= coalesce(near, 1) and warned then 'near'
        end as state
    from held
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
    currency,
    case when state = 'near' then amount else hit_amount end as amount,
    penalty,
    volume,
    case when state = 'near' then due_at else hit_due_at end as due_at,
    next_due_at
from stated
where state is not null
