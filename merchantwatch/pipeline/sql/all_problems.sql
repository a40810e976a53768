{#- What is wrong with rows of order exports: with themselves, or with an id that they contest. -#}
select source, source_row, problem
from relevant

union all

select source, source_row, problem
from contested
