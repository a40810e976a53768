{#- How many receivers the tracking number of a line had around its shipment. A number of a single order is not in
    the table: whoever received it, the count is one. -#}
case
    when {{ number }} is null or lines.shipped_at is null then 0
    when receivers.tracking_no is null then 1
    else receivers.receivers
end
