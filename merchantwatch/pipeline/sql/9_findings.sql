{#- Hits → findings: counted per scope (`scopes`), and compared with the limit (`compared`, `stated`). A
    finding is breached by its hits; where it is only near, its lines are the near ones too, and the
    deadline of such a line is still to come. Rules whose scope is a single line have nothing to add up.

    A scope by day is compared with the limit of that day; so is each day (`counted_on`) of a rule over
    several days: it makes a finding where enough of the last days have reached it (`days`), or enough
    days in a row (`running`). A `forecast` counts open lines that are due today as well. -#}
{%- set next_due -%}
case when state = 'near' and code in ({{ upcoming }}) then due_at else next_due_at end
{%- endset -%}
{#- Amounts of several currencies are not added up; of a line that is no hit yet nothing is added. -#}
{%- set paid_in = "case when state <> 'open' and amount is not null then coalesce(currency, '') end" -%}
{#- The first and the last of them are the same: counting different ones would group twice. #}
{%- set of_one_currency = "coalesce(min(" ~ paid_in ~ ") = max(" ~ paid_in ~ "), true) and max(case when state <> 'open' then 1 else 0 end) = 1 and coalesce(min(currency), '') <> '*'" -%}
{%- macro number_reached(number, limit) -%}
coalesce({{ limit }}.at_least, {{ limit }}.more_than) is null
            or coalesce({{ number }} >= {{ limit }}.at_least, false)
            or coalesce({{ number }} > {{ limit }}.more_than, false)
{%- endmacro -%}
{%- macro share_reached(number, limit) -%}
coalesce({{ number }} >= {{ limit }}.share_at_least * scopes.volume, false)
            or coalesce({{ number }} > {{ limit }}.share_more_than * scopes.volume, false)
{%- endmacro -%}
{%- macro finding(count, volume, forecast, alone) -%}
code,
    state,
    rank,
    platform,
    shop,
    key,
    cast({{ count }} as bigint) as count,
    risk,
    currency,
    case when state = 'near' then amount else hit_amount end as amount,
    penalty,
    {{ volume }} as volume,
    case when state = 'near' then due_at else hit_due_at end as due_at,
    next_due_at,
    cast({{ forecast }} as bigint) as forecast,
    {{ alone }} as alone,
    counted_on
{%- endmacro -%}
with limits(
    code, since, until, at_least, more_than, near, share_at_least, share_more_than, share_near, min_volume, rank, forecast
) as (
    values
    ('', date '1970-01-01', date '1970-01-01', 1, 1, 1, 1.0, 1.0, 1.0, 1, 0, false)
    {%- for rule in counted %},
    (
        '{{ rule.code }}', {{ rule.since }}, {{ rule.until }}, {{ rule.at_least }}, {{ rule.more_than }}, {{ rule.near }},
        {{ rule.share_at_least }}, {{ rule.share_more_than }}, {{ rule.share_near }}, {{ rule.min_volume }},
        {{ rule.rank }}, {{ rule.forecast }}
    )
    {%- endfor %}
),

added as (
    select
        code,
        platform,
        shop,
        key,
        case when code in ({{ by_day }}) then day end as counted_on,
        state,
        weight,
        amount,
        currency,
        penalty,
        due_at,
        risk,
        {{ next_due }} as next_due_at
    from hits
    where key is not null and code not in ({{ of_lines }})

    union all

    select code, platform, shop, key, counted_on, 'open', 0, null, null, null, null, null, next_due_at
    from open_scopes
    where key is not null
),
{%- if capped %}

capped(code, a_day, a_week) as (
    values
    {%- for rule in capped %}
    ('{{ rule.code }}', {{ rule.a_day }}, {{ rule.a_week }}){{ ',' if not loop.last }}
    {%- endfor %}
),

days_counted as (
    select hits.code, hits.platform, hits.shop, hits.key, hits.day, capped.a_week, least(sum(hits.weight), max(capped.a_day)) as reached
    from hits
    inner join capped on hits.code = capped.code
    where hits.state = 'hit' and hits.key is not null
    group by hits.code, hits.platform, hits.shop, hits.key, hits.day, capped.a_week
),

weeks_counted as (
    select code, platform, shop, key, least(sum(reached), max(a_week)) as reached
    from days_counted
    group by code, platform, shop, key, date_trunc('week', day)
),

counted as (
    select code, platform, shop, key, cast(sum(reached) as bigint) as reached
    from weeks_counted
    group by code, platform, shop, key
),
{%- endif %}

added_up as (
    select
        code,
        platform,
        shop,
        key,
        counted_on,
        cast({{ 'coalesce(max(most_counted), sum(weight))' if capped else 'sum(weight)' }} as bigint) as count,
        {% if capped %}coalesce(max(most_counted), {% endif %}sum(case when state = 'hit' then weight else 0 end){{ ')' if capped }} as reached,
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
    {%- if capped %}
    from (
        select added.*, counted.reached as most_counted
        from added
        left join counted
            on added.code = counted.code and added.platform = counted.platform
            and added.shop is not distinct from counted.shop and added.key = counted.key
    ) as added
    {%- else %}
    from added
    {%- endif %}
    group by code, platform, shop, key, counted_on
),

scopes as (
    select
        code,
        platform,
        shop,
        key,
        cast(null as date) as counted_on,
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
        {{ next_due }} as next_due_at,
        cast(null as bigint) as volume
    from hits
    where key is not null and code in ({{ of_lines }})

    {#- Only what is counted has a share of a volume: a line is not one of several. #}
    union all

    select added_up.*, volumes.volume
    from added_up
    left join volumes
        on added_up.code = volumes.code and added_up.platform = volumes.platform
        and added_up.shop is not distinct from volumes.shop and added_up.key = volumes.key
        and added_up.counted_on is not distinct from volumes.counted_on
),

compared as (
    select
        scopes.*,
        limits.rank,
        limits.near,
        coalesce(limits.share_at_least, limits.share_more_than) is not null as is_share,
        {{ number_reached('scopes.reached', 'limits') }} as reaches_number,
        coalesce(scopes.volume >= coalesce(limits.min_volume, 1), false) as has_volume,
        {{ share_reached('scopes.reached', 'limits') }} as reaches_share,
        limits.near is not null or limits.share_near is not null as has_near,
        coalesce(scopes.reached >= limits.share_near * scopes.volume, limits.share_near is null) as nears_share,
        case when limits.forecast then scopes.reached + scopes.near_lines end as forecast,
        limits.forecast
            and ({{ number_reached('scopes.reached + scopes.near_lines', 'limits') }})
            and ({{ share_reached('scopes.reached + scopes.near_lines', 'limits') }}) as foreseen
    from scopes
    inner join limits
        on scopes.code = limits.code
        and (limits.since is null or scopes.counted_on >= limits.since)
        and (limits.until is null or scopes.counted_on < limits.until)
    where scopes.lines > 0
),

stated as (
    select
        *,
        case
            when not is_share and reaches_number then 'breached'
            when not is_share and (near_lines > 0 or reached >= near) then 'near'
            when is_share and has_volume and reaches_number and reaches_share then 'breached'
            when foreseen then 'near'
            when is_share and has_volume and nears_share and reached >= coalesce(near, 1) and has_near then 'near'
        end as state
    from compared
    where code not in ({{ of_days }})
)
{%- if running %},

{#- Days that follow each other have the same distance to their place among such days. #}
in_a_row as (
    select
        *,
        row_number() over (partition by code, platform, shop, part, since_when order by counted_on) as days
    from (
        select
            *,
            date_diff('day', date '2000-01-01', counted_on)
            - row_number() over (partition by code, platform, shop, part order by counted_on) as since_when
        from (
            select *, substr(key, 1, length(key) - 10) as part
            from compared
            where code in ({{ running_codes }}) and (has_volume and reaches_number and reaches_share or foreseen)
        ) as reached_days
    ) as placed_days
)
{%- endif %}
{%- if over_days %},

alone_limits(code, days, of_days, near, at_least, more_than, share_at_least, share_more_than) as (
    values
    ('', 1, 1, 1, 1, 1, 1.0, 1.0)
    {%- for rule in over_days %},
    (
        '{{ rule.code }}', {{ rule.days }}, {{ rule.of_days }}, {{ rule.near }},
        {{ rule.one.at_least }}, {{ rule.one.more_than }}, {{ rule.one.share_at_least }}, {{ rule.one.share_more_than }}
    )
    {%- endfor %}
),

each_day as (
    select
        compared.*,
        has_volume and reaches_number and reaches_share as bad,
        alone_limits.days,
        alone_limits.of_days,
        alone_limits.near as near_days,
        {%- for number, name in (('compared.reached', 'alone'), ('compared.reached + compared.near_lines', 'foreseen_alone')) %}
        coalesce(alone_limits.at_least, alone_limits.more_than) is not null
            and ({{ number_reached(number, 'alone_limits') }})
            and ({{ share_reached(number, 'alone_limits') | replace('scopes.', 'compared.') }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from compared
    inner join alone_limits on compared.code = alone_limits.code
    where alone_limits.days is not null
),

days_until as (
    select later.code, later.platform, later.shop, later.key, later.counted_on, count(*) as bad_days
    from each_day as later
    inner join each_day as earlier
        on later.code = earlier.code and later.platform = earlier.platform
        and later.shop is not distinct from earlier.shop and later.key = earlier.key
        and date_diff('day', earlier.counted_on, later.counted_on) between 0 and later.of_days - 1
    where later.bad and earlier.bad
    group by later.code, later.platform, later.shop, later.key, later.counted_on
),

over_days as (
    select
        each_day.code,
        each_day.rank,
        each_day.platform,
        each_day.shop,
        each_day.key,
        coalesce(max(days_until.bad_days), 0) as bad_days,
        max(each_day.days) as days,
        max(each_day.near_days) as near_days,
        max(case when each_day.alone then each_day.reached end) as alone_count,
        max(case when each_day.foreseen_alone then each_day.reached end) as foreseen_count,
        max(case when each_day.alone or each_day.foreseen_alone then each_day.volume end) as alone_volume,
        max(case when each_day.near_lines > 0 then each_day.forecast end) as forecast,
        max(each_day.risk) as risk,
        max(each_day.currency) as currency,
        sum(each_day.amount) as amount,
        sum(each_day.penalty) as penalty,
        sum(each_day.hit_amount) as hit_amount,
        min(each_day.due_at) as due_at,
        min(each_day.hit_due_at) as hit_due_at,
        least(min(each_day.next_due_at), min(open_scopes.next_due_at)) as next_due_at,
        cast(null as date) as counted_on
    from each_day
    left join days_until
        on each_day.code = days_until.code and each_day.platform = days_until.platform
        and each_day.shop is not distinct from days_until.shop and each_day.key = days_until.key
        and each_day.counted_on = days_until.counted_on
    {#- A line that is due on a later day would add to the count of days too. #}
    left join open_scopes
        on each_day.code = open_scopes.code and each_day.platform = open_scopes.platform
        and each_day.shop is not distinct from open_scopes.shop and each_day.key = open_scopes.key
    group by each_day.code, each_day.rank, each_day.platform, each_day.shop, each_day.key
),

over_days_stated as (
    select
        *,
        bad_days < days and alone_count is not null
            or bad_days < coalesce(near_days, days) and foreseen_count is not null as by_one_day,
        case
            when bad_days >= days or alone_count is not null then 'breached'
            when bad_days >= near_days or foreseen_count is not null then 'near'
        end as state
    from over_days
)
{%- endif %}

select
    {{ finding('count', 'volume', "case when state = 'near' and foreseen then forecast end", 'false') }}
from stated
where state is not null
{%- if running %}

union all

select
    {{ finding('reached', 'volume', "case when state = 'near' then forecast end", 'false') }}
from (
    select *, case when has_volume and reaches_number and reaches_share then 'breached' else 'near' end as state
    from in_a_row
    where {% for rule in running %}code = '{{ rule.code }}' and days >= {{ rule.running }}{{ ' or ' if not loop.last }}{% endfor %}
) as rows_of_days
{%- endif %}
{%- if over_days %}

union all

select
    {{ finding(
        'case when by_one_day then coalesce(alone_count, foreseen_count) else bad_days end',
        'case when by_one_day then alone_volume end',
        "case when state = 'near' then forecast end",
        'by_one_day'
    ) }}
from over_days_stated
where state is not null
{%- endif %}
