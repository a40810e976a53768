{#- What rows of an export find in joined exports: the numbers of the joined rows, and a hash of their fields. In
    order, so that the answers of two runs can be compared row by row. -#}
select {{ columns | join(', ') }}, {{ beside }} as beside
from ({{ standing }})
order by source, source_row
