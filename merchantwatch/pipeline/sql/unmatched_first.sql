{#- The first of the cases or parcels that belong to no line, and how many there are. -#}
select name, count(*) over () as unmatched
from (select distinct name from ({{ unmatched }}) as unmatched) as names
order by name
limit {{ most }}
