{#- The rows whose line may stand in another row too: most lines have no twin. -#}
create table twins as
select states.source, states.source_row
from states
inner join (
    select line_hash
    from states
    where left_out <> 1
    group by line_hash
    having count(*) > 1
) as repeated
    on states.line_hash = repeated.line_hash
where states.left_out <> 1
