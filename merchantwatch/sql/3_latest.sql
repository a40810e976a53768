{#- Which rows a newer export, or a later row of the same export, has replaced. Most lines have no
    twin, so only those that have one are ranked. Sources are numbered from the oldest. -#}
create table superseded as
with twins as (
    select platform, line_id
    from platformed
    where problem is null
    group by platform, line_id
    having count(*) > 1
),

ranked as (
    select
        platformed.source,
        platformed.source_row,
        row_number() over (
            partition by platformed.platform, platformed.line_id
            order by platformed.source desc, platformed.source_row desc
        ) as age
    from platformed
    inner join twins
        on platformed.platform = twins.platform and platformed.line_id = twins.line_id
    where platformed.problem is null
)

select source, source_row
from ranked
where age > 1
