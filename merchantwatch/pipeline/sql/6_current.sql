{#- The states of rows that no other row has replaced. -#}
select states.*
from states
left join superseded
    on states.source = superseded.source and states.source_row = superseded.source_row
where superseded.source is null
