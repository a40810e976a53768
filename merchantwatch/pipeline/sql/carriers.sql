{#- Lines whose parcel was sent long enough ago, by shop, carrier and warehouse: how many there are, how
    many no carrier has scanned, how many were scanned late, and for how many the tracking has stopped. -#}
select
    {{ platform }} as platform,
    of_shop as shop,
    of_carrier as carrier,
    of_warehouse as warehouse,
    count(*) as lines,
    count(case when parcel_state = {{ unscanned }} then 1 end) as unscanned,
    count(case when parcel_state = {{ late }} then 1 end) as scanned_late,
    count(case when parcel_state = {{ stalled }} then 1 end) as trace_timeouts
from current
where parcel_state is not null
group by {{ platform }}, of_shop, of_carrier, of_warehouse
order by {{ platform }}, of_shop nulls first, of_carrier nulls first, of_warehouse nulls first
