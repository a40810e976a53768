{#- Rows of each export that is joined onto lines: how many there are, and could not be understood. -#}
select source, count(*) as rows, count(problem) as quarantined
from {{ rows }} as rows
group by source
