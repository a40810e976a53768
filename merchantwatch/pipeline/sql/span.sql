{#- From the first creation of a line to the newest event of any, over all order exports. -#}
select
    min(created_on) as first_created,
    {{ middle }} + interval '1' second * max(newest_event) as newest_event
from current
where left_out = 0
