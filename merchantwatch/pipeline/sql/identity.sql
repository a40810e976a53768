{#- What identifies a line: two hashes of its id, 128 bits in all. -#}
{%- macro of(platform, line_id) -%}
hash({{ line_id }}, {{ platform }}) as line_hash,
    hash({{ line_id }} || ' ', {{ platform }}) as line_check
{%- endmacro -%}
{#- The rows of `cross_line` of lines that matter, each with its `age`: 1 for the newest. Parts of a row
    that was divided have one age. Rows that cannot be the line whose id they have, where there are
    `conflicts`, are left out. -#}
{%- macro aged(lines, unnamed, apart, conflicts) -%}
select
        cross_line.*,
        rank() over (
            partition by cross_line.line_hash, cross_line.line_check
            order by
                cross_line.source desc,
                case when cross_line.source not in ({{ unnamed }}) then cross_line.source_row % {{ apart }} end desc,
                case when cross_line.source not in ({{ unnamed }}) then cross_line.source_row end desc
        ) as age
    from cross_line
    inner join {{ lines }} on cross_line.line_hash = {{ lines }}.line_hash
    {%- if conflicts %}
    left join conflicts on cross_line.source = conflicts.source and cross_line.source_row = conflicts.source_row
    where conflicts.source is null
    {%- endif %}
{%- endmacro -%}
