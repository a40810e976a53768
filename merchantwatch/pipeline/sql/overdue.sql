{#- The looked-up lines with an act still possible, and by which rules the act is overdue. -#}
select asked_lines.platform, asked_lines.line_id
    {%- for code in codes %},
    coalesce(task_lines.{{ code }}_acts = 1, false) as {{ code }}_overdue
    {%- endfor %}
from asked_lines
inner join task_lines
    on asked_lines.platform = task_lines.platform and asked_lines.line_id = task_lines.line_id
