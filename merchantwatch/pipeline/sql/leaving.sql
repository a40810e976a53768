{#- For each listed finding of a share over a window: its oldest day with hits, and how many hits leave
    the window with that day. -#}
with days as (
    select hits.code, hits.platform, hits.shop, hits.key, hits.day, count(*) as lines
    from hits
    inner join {{ listed }} as listed
        on hits.code = listed.code and hits.platform = listed.platform
        and hits.shop is not distinct from listed.shop and hits.key = listed.key
    where hits.code in ({{ codes }}) and hits.state = 'hit'
    group by hits.code, hits.platform, hits.shop, hits.key, hits.day
),

oldest as (
    select code, platform, shop, key, min(day) as day
    from days
    group by code, platform, shop, key
)

select days.code, days.platform, days.shop, days.key, days.day, days.lines
from days
inner join oldest
    on days.code = oldest.code and days.platform = oldest.platform
    and days.shop is not distinct from oldest.shop and days.key = oldest.key and days.day = oldest.day
