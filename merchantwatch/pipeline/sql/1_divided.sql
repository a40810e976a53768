{#- Divides rows that hold a whole order, its lines joined in each cell → one row for each line. Only
    where every cell of a line's own columns has as many parts as there are line ids. What each line's
    part of a total (`totals`) is cannot be known: it is null. -#}
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
        source_row + (part - 1) * {{ apart }} as source_row,
        true as divided
    from (
        select *, unnest(generate_series(1, cast({{ signs(line_id) }} + 1 as integer))) as part
        from {{ relation }}
        where {{ plain }}
    ) as orders
) as {{ relation }}
