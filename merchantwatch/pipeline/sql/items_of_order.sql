{#- A row for each item of an order that stands in one row; an order without items has one row too. Items after the
    first are numbered far from all rows, so that (source, row) still means one line. -#}
(
    select {{ shared | join(', ') }}, source_row, {{ first }} from {{ relation }}
    {%- for item in others %}
    union all
    select {{ shared | join(', ') }}, source_row + {{ loop.index * apart }} as source_row, {{ item }}
    from {{ relation }}
    where {{ item }} is not null
    {%- endfor %}
) as {{ relation }}
