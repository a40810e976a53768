{#- Why rows of each export could not be understood or are no records, and in which field: how many, and
    the first. -#}
select
    source,
    split_part(problem, ' ', 1) as reason,
    split_part(problem, ' ', 2) as field,
    count(distinct source_row) as rows,
    min(source_row % {{ apart }}) as first_row
from {{ rows }} as rows
where problem is not null
group by source, reason, field
