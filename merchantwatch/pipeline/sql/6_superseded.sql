{#- The rows that a newer export, or a later row of the same export, has replaced. Only rows whose hash
    repeats are ranked. Sources are numbered from the oldest on. -#}
with ranked as (
    select
        identified.source,
        identified.source_row,
        row_number() over (
            partition by identified.line_hash, identified.line_check
            order by identified.source desc, identified.source_row % {{ row_stride }} desc, identified.source_row desc
        ) as age
    from {% include '6_identified.sql' %} as identified
    inner join repeated
        on identified.line_hash = repeated.line_hash
)

select source, source_row
from ranked
where age > 1
