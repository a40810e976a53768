{#- Of all findings either the suppressed ones, each with its entry, the first in the file; or the
    others. -#}
select found.*{{ ', silenced.entry' if apart }}
from {{ counted }} as found
left join (
    select code, platform, shop, key, cast(min(number) as integer) as entry
    from matches
    where silent
    group by code, platform, shop, key
) as silenced
    on found.code = silenced.code and found.platform = silenced.platform
    and found.shop is not distinct from silenced.shop and found.key = silenced.key
where silenced.entry is {{ 'not' if apart }} null
