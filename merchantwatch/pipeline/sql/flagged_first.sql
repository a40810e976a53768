{#- The first rows of each export that have a flag. -#}
select source, source_row
from (
    select source, source_row, row_number() over (partition by source order by source_row) as place
    from states
    where left_out = 0 and {{ test }}
) as placed
where place <= {{ most }}
order by source, source_row
