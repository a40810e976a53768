{#- Rows of each order export: how many there are, could not be understood, or were replaced. -#}
select
    rows.source,
    count(*) as rows,
    count(rows.problem) as quarantined,
    count(superseded.source) as superseded
from rows
left join superseded
    on rows.source = superseded.source and rows.source_row = superseded.source_row
group by rows.source
