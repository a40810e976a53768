{#- The first lines of each listed finding: earliest deadline, then amount, then id. -#}
with counted as (
    select
        hits.code,
        hits.platform,
        hits.shop,
        hits.key,
        hits.line_id,
        hits.source,
        hits.source_row,
        row_number() over (
            partition by hits.code, hits.platform, hits.shop, hits.key
            order by hits.due_at nulls last, hits.amount desc nulls last, hits.line_id
        ) as place
    from hits
    inner join listed
        on hits.code = listed.code and hits.platform = listed.platform
        and hits.shop is not distinct from listed.shop and hits.key = listed.key
    where hits.state = 'hit' or listed.state = 'near'
)

select
    counted.code,
    counted.platform,
    counted.shop,
    counted.key,
    counted.line_id,
    shown.product_name
from counted
inner join shown
    on counted.source = shown.source and counted.source_row = shown.source_row
where counted.place <= {{ most }}
order by counted.code, counted.platform, counted.shop, counted.key, counted.place
