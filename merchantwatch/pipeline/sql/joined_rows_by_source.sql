{#- Rows of each export that is joined onto lines: how many there are, how many of them could not be
    understood, and how many more are no records. -#}
select
    source,
    count(case when not no_record then 1 end) as rows,
    count(case when not no_record then problem end) as quarantined,
    count(case when no_record then 1 end) as no_records
from (
    select distinct source, source_row, problem, coalesce(left(problem, 5) in ('{{ no_records | join("', '") }}'), false) as no_record
    from {{ rows }} as rows
) as rows
group by source
