{#- Where the rows of each order export went. -#}
select
    states.source,
    count(*) as rows,
    count(*) filter (where states.left_out = 1) as quarantined,
    count(superseded.source) as superseded,
    count(*) filter (where states.left_out = 2 and superseded.source is null) as later
from states
left join superseded
    on states.source = superseded.source and states.source_row = superseded.source_row
group by states.source
