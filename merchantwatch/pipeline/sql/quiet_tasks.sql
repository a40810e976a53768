{#- The tasks of which nobody is told, the gravest first. -#}
select kind, platform, shop, about, rank, entry
from quiet_tasks
order by rank desc, kind, platform, shop nulls first, about
