{#- For each source, shop and day of creation: how many lines there are, and their newest event. -#}
select
    source,
    {{ platform }} as platform,
    of_shop as shop,
    created_on,
    count(*) as lines,
    {{ middle }} + interval '1' second * max(newest_event) as newest_event
from current
where left_out = 0
group by source, {{ platform }}, of_shop, created_on
