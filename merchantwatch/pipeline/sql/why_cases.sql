{#- The cases of one line, the newest first, which is the one that rules judge. -#}
select case_id as name, source, source_row
from filed_cases
where number = {{ number }}
order by place
