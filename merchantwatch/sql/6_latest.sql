{#- Which rows a newer export, or a later row of the same export, has replaced. Sources are numbered
    from the oldest. -#}
create table superseded as
with ranked as (
    select
        source,
        source_row,
        row_number() over (
            partition by platform, line_id
            order by source desc, source_row desc
        ) as age
    from ({{ rows }}) as rows
    where problem is null
)

select source, source_row
from ranked
where age > 1
