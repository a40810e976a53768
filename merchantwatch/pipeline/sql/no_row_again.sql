{#- Rows as they came, and none of them. -#}
select source, source_row, came as again
from (
    {{ rows }}
) as came
