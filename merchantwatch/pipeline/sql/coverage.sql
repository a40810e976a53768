{#- The looked-up lines that some input has: whether their row was understood, and which rules could not
    judge it. Superseded rows are left out last: of all rows few are looked up. -#}
select
    looked_up_lines.platform,
    looked_up_lines.line_id,
    rows.left_out
    {%- for code, test in unjudged.items() %},
    rows.{{ code }}_unjudged
    {%- endfor %}
from looked_up_lines
inner join (
    select
        states.source,
        states.source_row,
        {{ 'coalesce(named.line_hash, states.line_hash)' if numbered else 'states.line_hash' }} as line_hash,
        {{ 'coalesce(named.line_check, states.line_check)' if numbered else 'states.line_check' }} as line_check,
        states.left_out
        {%- for code, test in unjudged.items() %},
        {{ test }} as {{ code }}_unjudged
        {%- endfor %}
    from states
    {%- if numbered %}
    left join named on states.source = named.source and states.source_row = named.source_row
    {%- endif %}
) as rows
    on looked_up_lines.line_hash = rows.line_hash and looked_up_lines.line_check = rows.line_check
left join superseded
    on rows.source = superseded.source and rows.source_row = superseded.source_row
where superseded.source is null
