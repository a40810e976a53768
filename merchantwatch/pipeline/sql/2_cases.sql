{#- The newest case of every key; `cases_of_line` says how many cases the key has. -#}
select *
from filed_cases
where place = 1
