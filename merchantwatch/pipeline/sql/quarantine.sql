{#- The rows of an export that were read, but could not be understood. -#}
select source_row, min(problem) as problem
from {{ rows }} as rows
where problem is not null and left(problem, 5) not in ('{{ no_records | join("', '") }}') and source = {{ source }}
group by source_row
order by source_row % {{ apart }}, source_row
