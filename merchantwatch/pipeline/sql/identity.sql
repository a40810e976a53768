{#- What identifies a line: two hashes of its platform and id, 128 bits in all. -#}
{%- macro of(platform, line_id) -%}
hash({{ line_id }}, {{ platform }}) as line_hash,
    hash({{ line_id }} || ' ', {{ platform }}) as line_check
{%- endmacro -%}
{#- The rows of `cross_line` whose line is among `lines`, each with its `age`: 1 for the newest of its line.
    Where there are `conflicts`, contested rows are left out. Rows of the exports `unnamed`, which have no
    line ids, have one age within an export: their line hash is that of the order. -#}
{%- macro aged(lines, unnamed, row_stride, conflicts) -%}
select
        cross_line.*,
        rank() over (
            partition by cross_line.line_hash, cross_line.line_check
            order by
                cross_line.source desc,
                case when cross_line.source not in ({{ unnamed }}) then cross_line.source_row % {{ row_stride }} end desc,
                case when cross_line.source not in ({{ unnamed }}) then cross_line.source_row end desc
        ) as age
    from cross_line
    inner join {{ lines }} on cross_line.line_hash = {{ lines }}.line_hash
    {%- if conflicts %}
    left join conflicts on cross_line.source = conflicts.source and cross_line.source_row = conflicts.source_row
    where conflicts.source is null
    {%- endif %}
{%- endmacro -%}
