{#- The cases of one line, newest first; rules judge the newest. -#}
select case_id as name, source, source_row
from filed_cases
where number = {{ number }}
order by place
