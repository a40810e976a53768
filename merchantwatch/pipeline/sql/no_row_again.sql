{#- The columns of `unsettled`, in which a whole normalised row is one value (`again`), and no row. -#}
select source, source_row, came as again
from (
    {{ rows }}
) as came
