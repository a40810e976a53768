{#- Lines that could yet add to a scope of several, and that no other row has replaced. -#}
select ahead.*
from ahead
left join superseded
    on ahead.source = superseded.source and ahead.source_row = superseded.source_row
where superseded.source is null
