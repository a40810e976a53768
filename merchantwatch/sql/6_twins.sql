{#- Rows of one export whose id stands in it several times: what tells whether they are one line. -#}
{%- import 'identity.sql' as identity -%}
select rows.*
from (
    select
        source,
        source_row,
        {{ identity.of('platform', "coalesce(line_id, '')") }},
        line_id,
        order_id,
        product_id,
        created_at
    from ({{ rows }}) as read
    where problem is null
) as rows
inner join (select line_hash from repeated where twice) as several
    on rows.line_hash = several.line_hash
