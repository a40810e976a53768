{#- Why rows could not be understood: how many there are for each reason, and the first of them. -#}
select
    source,
    split_part(problem, ' ', 1) as reason,
    split_part(problem, ' ', 2) as field,
    count(*) as rows,
    min(source_row) as first_row
from {{ rows }} as rows
where problem is not null
group by source, reason, field
order by source, rows desc, first_row
