{#- The tasks that are not listed because everything that they would resolve is suppressed, the most severe first. -#}
select kind, platform, shop, about, rank, entry
from quiet_tasks
order by rank desc, kind, platform, shop nulls first, about
