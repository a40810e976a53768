{#- Rows of order exports that were not understood: by themselves, or because of others with their id. -#}
select source, source_row, problem
from relevant

union all

select source, source_row, problem
from contested
