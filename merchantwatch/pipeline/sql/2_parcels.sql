{#- One row for each key: its parcels together. They are picked up, or delivered, when all of them are;
    the last scan is that of the parcel that has had none for longest. -#}
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
        when count(case when {{ has_event }} then 1 end) = count(case when {{ has_event }} then {{ event }} end) then max({{ event }})
    end as {{ event }},
    max(case when {{ has_event }} then 1 else 0 end) = 1 as {{ has_event }}{{ ',' if not loop.last }}
    {%- endfor %}
from filed_parcels
group by number, platform, filed_by, key
