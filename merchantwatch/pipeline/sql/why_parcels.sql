{#- The parcels of one line, and the newest export that names each. -#}
select parcel as name, max(source) as source
from filed_parcels
where number = {{ number }}
group by parcel
order by parcel
