{#- The rows of an export that were read, but could not be understood. -#}
select source_row, problem
from {{ rows }} as rows
where problem is not null and source = {{ source }}
order by source_row
