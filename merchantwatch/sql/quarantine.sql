{#- The rows that could not be understood. -#}
select source, source_row, problem
from {{ table }}
where problem is not null
order by source, source_row
limit {{ most }}
