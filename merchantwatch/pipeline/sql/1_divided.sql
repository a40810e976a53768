{#- Rows that hold a whole order, the lines joined in each cell (`M1;M2`) → one row for each line. A row
    is divided only where every column of lines has as many parts as there are line ids. A column of order
    totals (`totals`) with another number of parts becomes null: how it spreads over lines is unknown. -#}
{%- macro signs(column) -%} length({{ column }}) - length(replace({{ column }}, {{ sign }}, '')) {%- endmacro -%}
{%- macro part(column) -%} trim(split_part({{ column }}, {{ sign }}, cast(part as integer)), {{ around }}) {%- endmacro -%}
{%- set plain -%}
coalesce(contains({{ line_id }}, {{ sign }}), false)
{%- for column in of_line %} and coalesce({{ signs(column) }} = {{ signs(line_id) }}, true){% endfor %}
{%- for column in typed_of_line %} and {{ column }} is null{% endfor %}
{%- endset -%}
(
    select {{ columns | join(', ') }}, source, own_shop, source_row, false as divided
    from {{ relation }}
    where not ({{ plain }})

    union all

    select
        {%- for column in columns %}
        {% if column in of_line + [line_id] -%}
        case when {{ part(column) }} not in ({{ nothing }}) then {{ part(column) }} end as {{ column }},
        {%- elif column in texts or column in totals -%}
        case when {{ signs(column) }} = {{ signs(line_id) }} then {{ part(column) }} {{- '' if column in totals else ' else ' ~ column }} end as {{ column }},
        {%- elif column in typed_totals -%}
        null as {{ column }},
        {%- else -%}
        {{ column }},
        {%- endif %}
        {%- endfor %}
        source,
        own_shop,
        source_row + (part - 1) * {{ row_stride }} as source_row,
        true as divided
    from (
        select *, unnest(generate_series(1, cast({{ signs(line_id) }} + 1 as integer))) as part
        from {{ relation }}
        where {{ plain }}
    ) as orders
) as {{ relation }}
