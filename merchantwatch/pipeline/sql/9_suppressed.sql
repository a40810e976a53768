{#- Either the suppressed findings, each with the first entry that suppresses it, or all others. -#}
select found.*{{ ', silenced.entry' if only_suppressed }}
from {{ counted }} as found
left join (
    select code, platform, shop, key, cast(min(number) as integer) as entry
    from matches
    where silent
    group by code, platform, shop, key
) as silenced
    on found.code = silenced.code and found.platform = silenced.platform
    and found.shop is not distinct from silenced.shop and found.key = silenced.key
where silenced.entry is {{ 'not' if only_suppressed }} null
