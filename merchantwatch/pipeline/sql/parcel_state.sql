{#- How the parcel of a line stands that was sent long enough ago; of another it is null. The order matters:
    what was never scanned cannot be scanned late, and only of the others a trace can stand still. -#}
case when left_out = 0 and parcel_known and {{ sent }} < as_of and coalesce(status, '') <> 'closed' then
    case
        when picked_up_at is null and delivered_at is null and coalesce(status, '') <> 'completed' then {{ unscanned }}
        when picked_up_at > {{ sent }} then {{ scanned_late }}
        when {{ still }} then {{ stands_still }}
        else {{ fine }}
    end
end
