{#- How many lines and sellers each order of several lines has, by the newest export of each line. -#}
{%- import 'identity.sql' as identity -%}
with several as (
    select platform, order_key
    from cross_line
    where seller is not null and order_key is not null
    group by platform, order_key
    having count(*) > 1
),

suspects as (
    select distinct cross_line.line_hash
    from cross_line
    inner join several on cross_line.platform = several.platform and cross_line.order_key = several.order_key
),

aged as (
    {{ identity.aged('suspects', unnamed, row_stride, conflicts) }}
)

select
    aged.platform,
    aged.order_key,
    count(*) as lines,
    count(distinct case when aged.seller <> '' then aged.seller end) as sellers
from aged
inner join several on aged.platform = several.platform and aged.order_key = several.order_key
where aged.age = 1 and aged.seller is not null
group by aged.platform, aged.order_key
