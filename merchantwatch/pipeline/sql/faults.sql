{#- Why rows of each export could not be understood or are no records, by reason and field: how many rows,
    and the first of them. -#}
select
    source,
    split_part(problem, ' ', 1) as reason,
    split_part(problem, ' ', 2) as field,
    count(distinct source_row) as rows,
    min(source_row % {{ row_stride }}) as first_row
from {{ rows }} as rows
where problem is not null
group by source, reason, field
