{#- The looked-up lines that some input has: whether their row was understood, and which rules could not
    judge it. -#}
select
    asked_lines.platform,
    asked_lines.line_id,
    rows.left_out
    {%- for code, test in unjudged.items() %},
    rows.{{ code }}_unjudged
    {%- endfor %}
from asked_lines
inner join (
    select
        {{ 'coalesce(named.line_hash, current.line_hash)' if numbered else 'current.line_hash' }} as line_hash,
        {{ 'coalesce(named.line_check, current.line_check)' if numbered else 'current.line_check' }} as line_check,
        current.left_out
        {%- for code, test in unjudged.items() %},
        {{ test }} as {{ code }}_unjudged
        {%- endfor %}
    from current
    {%- if numbered %}
    left join named on current.source = named.source and current.source_row = named.source_row
    {%- endif %}
) as rows
    on asked_lines.line_hash = rows.line_hash and asked_lines.line_check = rows.line_check
