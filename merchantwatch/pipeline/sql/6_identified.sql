{#- Rows that were understood, each with the two hashes that identify its line. Where there are
    `conflicts`, the contested rows are left out. With `bounds`, only rows whose first hash lies within
    them are read: a large table is processed part by part. -#}
{%- set hash = 'coalesce(named.line_hash, states.line_hash)' if numbered else 'line_hash' -%}
{%- set check = 'coalesce(named.line_check, states.line_check)' if numbered else 'line_check' -%}
(
        select states.source, states.source_row, {{ hash }} as line_hash, {{ check }} as line_check
        from states
        {%- if numbered %}
        left join named
            on states.source = named.source and states.source_row = named.source_row
        {%- endif %}
        {%- if conflicts %}
        left join contested
            on states.source = contested.source and states.source_row = contested.source_row
        {%- endif %}
        where states.left_out in (0, 2)
        {%- if conflicts %} and contested.source is null{% endif %}
        {%- if bounds %} and {{ hash }} between {{ bounds[0] }} and {{ bounds[1] }}{% endif %}
    )
