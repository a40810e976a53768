{#- One row for each key: its parcels together. They count as picked up (or delivered) when all of them
    are. A parcel for which no file has that column leaves it unknown, unless another parcel is known not
    to be picked up. `last_tracked_at` is that of the parcel that has not been scanned for longest. -#}
select
    number,
    platform,
    filed_by,
    key,
    min(tracking_no) as tracking_no,
    max(carrier) as carrier,
    min(pickup_due_at) as pickup_due_at,
    min(last_tracked_at) as last_tracked_at,
    {%- for event, has_event in (('picked_up_at', 'has_pickup'), ('delivered_at', 'has_delivery')) %}
    case
        when count(case when tracking_no is not null or {{ has_event }} then 1 end) = count({{ event }}) then max({{ event }})
    end as {{ event }},
    max(case when {{ has_event }} and {{ event }} is null then 1 else 0 end) = 1
        or (max(case when {{ has_event }} then 1 else 0 end) = 1 and min(case when tracking_no is not null and not {{ has_event }} then 0 else 1 end) = 1)
        as {{ has_event }}{{ ',' if not loop.last }}
    {%- endfor %}
from filed_parcels
group by number, platform, filed_by, key
