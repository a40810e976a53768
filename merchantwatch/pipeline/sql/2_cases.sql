{#- The newest case of every key, and how many there are. -#}
select *
from filed_cases
where place = 1
