{#- What identifies a line: two hashes of its id, 128 bits in all. -#}
{%- macro of(platform, line_id) -%}
hash({{ line_id }}, {{ platform }}) as line_hash,
    hash({{ line_id }} || ' ', {{ platform }}) as line_check
{%- endmacro -%}
{#- The rows of `across` of lines that matter, each with its `age`: 1 for the newest. Parts of a row
    that was divided have one age. Rows that cannot be the line whose id they have, where there are
    `conflicts`, are left out. -#}
{%- macro aged(lines, unnamed, apart, conflicts) -%}
select
        across.*,
        rank() over (
            partition by across.line_hash, across.line_check
            order by
                across.source desc,
                case when across.source not in ({{ unnamed }}) then across.source_row % {{ apart }} end desc,
                case when across.source not in ({{ unnamed }}) then across.source_row end desc
        ) as age
    from across
    inner join {{ lines }} on across.line_hash = {{ lines }}.line_hash
    {%- if conflicts %}
    left join conflicts on across.source = conflicts.source and across.source_row = conflicts.source_row
    where conflicts.source is null
    {%- endif %}
{%- endmacro -%}
