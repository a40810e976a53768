{#- The first lines of each listed finding, by deadline, amount and id. A finding whose scope is a single
    line has only that one, and needs no ranking. -#}
{%- macro lines(of, place) -%}
select
        hits.code,
        hits.platform,
        hits.shop,
        hits.key,
        hits.line_id,
        hits.source,
        hits.source_row,
        {{ place }} as place
    from hits
    inner join {{ listed }} as listed
        on hits.code = listed.code and hits.platform = listed.platform
        and hits.shop is not distinct from listed.shop and hits.key = listed.key
    where hits.code {{ of }} ({{ of_lines }}) and (hits.state = 'hit' or listed.state = 'near')
{%- endmacro -%}
{%- set place -%}
row_number() over (
            partition by hits.code, hits.platform, hits.shop, hits.key
            order by hits.due_at nulls last, hits.amount desc nulls last, hits.line_id
        )
{%- endset -%}
with counted as (
    {{ lines('in', 1) }}

    union all

    {{ lines('not in', place) }}
)

select
    counted.code,
    counted.platform,
    counted.shop,
    counted.key,
    counted.line_id,
    coalesce(shown.order_id, counted.line_id) as order_id,
    shown.product_name
from counted
inner join shown
    on counted.source = shown.source and counted.source_row = shown.source_row
where counted.place <= {{ most }}
order by counted.place
