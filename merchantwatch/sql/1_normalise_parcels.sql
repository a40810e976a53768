{#- Cells of one parcels export → typed fields, one row for each row of the file. -#}
{%- import 'cells.sql' as cell with context -%}
insert into parcel_rows by name
with cells as (
    select
        source_row
        {%- for f in fields %},
        {{ cell.cleaned(f) }} as {{ f.name }}_cell
        {%- endfor %}
    from {{ relation }}
),

typed as (
    select
        *
        {%- for f in fields %},
        {{ cell.typed(f) }} as {{ f.name }}
        {%- endfor %}
    from cells
    -- A row without any of these cells is a blank line, not a row.
    where {% for f in fields %}{{ f.name }}_cell is not null or {% endfor %}false
)

select
    {{ export }} as source,
    source_row,
    case
    {%- for f in fields %}{{ cell.faults(f) }}{% endfor %}
    end as problem,
    {{ platform }} as platform
    {%- for f in fields %},
    {{ f.name }}
    {%- endfor %}
from typed
