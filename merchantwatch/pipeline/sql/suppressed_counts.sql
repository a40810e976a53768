{#- How many findings of each rule are suppressed. -#}
select code, count(*) as findings
from suppressed
group by code
