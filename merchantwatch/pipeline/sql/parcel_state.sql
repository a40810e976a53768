{#- The state of a line's parcel, null unless it was sent long enough ago. The order of the tests matters: a parcel
    that was never scanned was not scanned late, and only the tracking of the others can stand still. -#}
case when left_out = 0 and parcel_known and {{ sent }} < as_of and coalesce(status, '') <> 'closed' then
    case
        when picked_up_at is null and delivered_at is null and coalesce(status, '') <> 'completed' then {{ unscanned }}
        when picked_up_at > {{ sent }} then {{ scanned_late }}
        when {{ is_stalled }} then {{ stalled }}
        else {{ fine }}
    end
end
