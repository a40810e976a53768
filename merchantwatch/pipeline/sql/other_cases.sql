{#- The cases of lines but for the newest, which is the one that rules judge. -#}
select number, case_id
from filed_cases
where place > 1 and number in ({{ numbers }})
order by number, place
