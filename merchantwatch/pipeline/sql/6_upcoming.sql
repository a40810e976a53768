{#- The upcoming deadlines of lines that no other row has replaced. -#}
select upcoming.*
from upcoming
left join superseded
    on upcoming.source = superseded.source and upcoming.source_row = superseded.source_row
where superseded.source is null
