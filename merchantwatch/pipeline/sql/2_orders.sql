{#- How many lines and sellers each order of several lines has, by the newest export of each. -#}
{%- import 'identity.sql' as identity -%}
with several as (
    select platform, order_key
    from across
    where seller is not null and order_key is not null
    group by platform, order_key
    having count(*) > 1
),

suspects as (
    select distinct across.line_hash
    from across
    inner join several on across.platform = several.platform and across.order_key = several.order_key
),

aged as (
    {{ identity.aged('suspects', unnamed, apart, conflicts) }}
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
