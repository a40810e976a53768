{#- The rows of one export that share their id with another row of it, with the fields that decide
    whether they are one line. -#}
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
inner join ids_to_recheck
    on rows.line_hash = ids_to_recheck.line_hash
