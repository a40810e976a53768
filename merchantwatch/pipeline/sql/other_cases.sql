{#- The cases of lines other than the newest, which is the one that rules judge. -#}
select number, case_id
from filed_cases
where place > 1 and number in ({{ numbers }})
order by number, place
