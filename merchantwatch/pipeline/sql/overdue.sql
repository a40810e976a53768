{#- The looked-up lines with an act still possible, and by which rules the act is overdue. -#}
select looked_up_lines.platform, looked_up_lines.line_id
    {%- for code in codes %},
    coalesce(task_lines.{{ code }}_acts = 1, false) as {{ code }}_overdue
    {%- endfor %}
from looked_up_lines
inner join task_lines
    on looked_up_lines.platform = task_lines.platform and looked_up_lines.line_id = task_lines.line_id
