{#- The rows of whose states something holds, all of them or the first ones. -#}
create or replace table picks as
select source, source_row
from {{ states }}
where {{ condition }}
{%- if most %}
order by source, source_row
limit {{ most }}
{%- endif %}
