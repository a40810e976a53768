{#- What rows of an export find in joined ones: which rows, and a hash. In order, so that two answers can be
    compared row by row. -#}
select {{ columns | join(', ') }}, {{ beside }} as beside
from ({{ standing }})
order by source, source_row
