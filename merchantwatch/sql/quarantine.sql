{#- The rows that could not be understood. -#}
select source, source_row, problem
from {{ rows }} as rows
where problem is not null
order by source, source_row
limit {{ most }}
