{#- Names of the lines of exports without line ids. Over all these exports a line is identified by its
    order, product, SKU, and by its occurrence among equal rows of its export. Only the lines of orders
    with several are numbered here (ORDER-1, ORDER-2 …), in the order of the newest export; lines that
    only older exports have come last. The line of any other order is named by the order's id. -#}
{%- import 'identity.sql' as identity -%}
with crowded as (
    select platform, order_id
    from relevant
    where source in ({{ sources }}) and left_out in (0, 2) and order_id is not null
    group by platform, order_id
    having count(*) > 1
),

occurring as (
    select
        source,
        source_row,
        platform,
        order_id,
        product,
        sku,
        row_number() over (partition by source, order_id, product, sku order by source_row) as occurrence
    from (
        select
            relevant.source,
            relevant.source_row,
            relevant.platform,
            relevant.order_id,
            {{ product }} as product,
            {{ sku }} as sku
        from relevant
        inner join crowded
            on relevant.platform = crowded.platform and relevant.order_id = crowded.order_id
        where relevant.source in ({{ sources }}) and relevant.left_out in (0, 2)
    ) as rows
),

occurrences as (
    select
        *,
        row_number() over (partition by platform, order_id, product, sku, occurrence order by source desc) as age
    from occurring
),

numbered as (
    select
        platform,
        order_id,
        product,
        sku,
        occurrence,
        row_number() over (partition by platform, order_id order by source desc, source_row) as number,
        count(*) over (partition by platform, order_id) as lines
    from occurrences
    where age = 1
)

select
    occurrences.source,
    occurrences.source_row,
    occurrences.order_id || '-' || numbered.number as line_id,
    {{ identity.of('occurrences.platform', "occurrences.order_id || '-' || numbered.number") }}
from occurrences
inner join numbered
    on occurrences.platform = numbered.platform and occurrences.order_id = numbered.order_id
        and occurrences.product = numbered.product and occurrences.sku = numbered.sku
        and occurrences.occurrence = numbered.occurrence
where numbered.lines > 1
