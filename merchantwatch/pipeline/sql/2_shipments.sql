{#- The shipments of each tracking number that several orders have had, by the newest export of each line. -#}
{%- import 'identity.sql' as identity -%}
with shared as (
    select platform, tracking_no
    from cross_line
    where tracking_no is not null and shipped_at is not null
    group by platform, tracking_no
    having min(order_key) <> max(order_key)
),

suspects as (
    select distinct cross_line.line_hash
    from cross_line
    inner join shared on cross_line.platform = shared.platform and cross_line.tracking_no = shared.tracking_no
),

aged as (
    {{ identity.aged('suspects', unnamed, row_stride, conflicts) }}
)

select aged.platform, aged.tracking_no, aged.shipped_at, aged.order_key, aged.receiver_key
from aged
inner join shared on aged.platform = shared.platform and aged.tracking_no = shared.tracking_no
where aged.age = 1 and aged.shipped_at is not null
