{#- Of each source how many lines a shop made on a day, and when the newest event of these was. -#}
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
