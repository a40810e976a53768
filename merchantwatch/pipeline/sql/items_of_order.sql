{#- A row for each item of an order whose items stand side by side in one row; an order without items has one row,
    too. Each further item adds `row_stride` to the row number, so that (source, source_row) still means one line. -#}
(
    select {{ shared | join(', ') }}, source_row, {{ first }} from {{ relation }}
    {%- for item in others %}
    union all
    select {{ shared | join(', ') }}, source_row + {{ loop.index * row_stride }} as source_row, {{ item }}
    from {{ relation }}
    where {{ item }} is not null
    {%- endfor %}
) as {{ relation }}
