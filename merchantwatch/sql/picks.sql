{#- The rows of current states of which something holds, the first ones. -#}
create or replace table picks as
select source, source_row
from {{ states }}
where {{ condition }}
order by source, source_row
limit {{ most }}
