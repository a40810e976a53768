{#- How many rows of each export were judged. -#}
select source, count(*) as rows
from states
group by source
