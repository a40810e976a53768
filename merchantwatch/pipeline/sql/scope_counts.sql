{#- The count of each scope of several lines, by rule: its lines, or their strikes. -#}
select code, platform, shop, key, cast(sum(weight) as bigint) as count
from hits
where state = 'hit' and key is not null and code in ({{ codes | join(', ') }})
group by code, platform, shop, key
