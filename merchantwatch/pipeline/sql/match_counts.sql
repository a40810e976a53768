{#- How many findings each entry of the file of suppressions matches. -#}
select number, count(*) as findings
from matches
group by number
