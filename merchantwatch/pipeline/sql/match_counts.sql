{#- How many findings each entry of the file of suppressions names. -#}
select number, count(*) as findings
from matches
group by number
