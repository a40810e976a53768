{#- The hashes that several rows have: most lines have no twin. -#}
select line_hash
from {% include '6_identified.sql' %} as identified
group by line_hash
having count(*) > 1
