{#- The rows that could not be understood. -#}
select source, source_row, problem.field as field, problem.value as value, problem.reason as reason
from {{ table }}
where problem is not null
order by source, source_row
limit {{ most }}
