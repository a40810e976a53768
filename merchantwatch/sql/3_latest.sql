{#- Which rows a newer export, or a later row of the same export, has replaced. Most lines have no
    twin, so only those that have one are ranked. Sources are numbered from the oldest. -#}
create table superseded as
with ranked as (
    select
        rows.source,
        rows.source_row,
        row_number() over (
            partition by rows.platform, rows.line_id
            order by rows.source desc, rows.source_row desc
        ) as age
    from rows
    inner join twins
        on rows.platform = twins.platform and rows.line_id = twins.line_id
    where rows.problem is null
)

select source, source_row
from ranked
where age > 1
