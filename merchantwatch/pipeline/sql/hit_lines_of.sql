{#- How many lines of one source are hit by some rule or near to it. -#}
select count(distinct source_row) as lines
from hits
where source = {{ source }}
