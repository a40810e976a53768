{#- How many lines, or strikes, each scope of several lines has been counted for, by rule. -#}
select code, platform, shop, key, cast(sum(weight) as bigint) as count
from hits
where state = 'hit' and key is not null and code in ({{ codes | join(', ') }})
group by code, platform, shop, key
