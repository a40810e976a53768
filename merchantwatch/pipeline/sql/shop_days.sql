{#- For each source, shop and day of creation: how many lines there are, and their newest event. -#}
select
    source,
    {{ platform }} as platform,
    of_shop as shop,
    created_on,
    cast(sum(lines) as bigint) as lines,
    max(newest_event) as newest_event
from kinds
where left_out = 0
group by source, {{ platform }}, of_shop, created_on
