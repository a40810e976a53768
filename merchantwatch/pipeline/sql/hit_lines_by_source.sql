{#- How many lines of each source are hit by some rule or near to it. -#}
select source, count(distinct source_row) as lines
from hits
group by source
