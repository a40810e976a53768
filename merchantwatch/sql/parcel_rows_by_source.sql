{#- Rows of each parcels export: how many there are, and could not be understood. -#}
select source, count(*) as rows, count(problem) as quarantined
from ({{ rows }}) as parcel_rows
group by source
