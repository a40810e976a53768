{#- How many lines share their cases with other lines, as these cases name only the order or the parcel. -#}
select cast(coalesce(sum(lines), 0) as bigint) as lines
from (
    select count(*) as lines
    from current
    where case_number is not null and left_out = 0
    group by case_number
    having count(*) > 1
) as shared
