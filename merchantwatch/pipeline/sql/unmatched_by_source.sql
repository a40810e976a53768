{#- How many of each export's cases or parcels belong to no line. -#}
select source, count(*) as unmatched
from ({{ unmatched }}) as unmatched
group by source
