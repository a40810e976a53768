{#- Cells of one parcels export → typed fields, one row for each row of the file. -#}
{%- import 'cells.sql' as cell with context -%}
select
    {{ export }} as source,
    source_row,
    case
    {%- for f in fields %}{{ cell.faults(f) }}{% endfor %}
    else null end as problem,
    {{ platform }} as platform
    {%- for field in kept %},
    {% if field in own %}{{ field }}{% else %}cast(null as {{ kept[field] }}){% endif %} as {{ field }}
    {%- endfor %}
from (
    select
        *
        {%- for f in fields %},
        {{ cell.typed(f) }} as {{ f.name }}
        {%- endfor %}
    from (
        select
            source_row
            {%- for f in fields %},
            {{ cell.cleaned(f) }} as {{ f.name }}_cell
            {%- endfor %}
        from {{ relation }}
    ) as cells
) as typed
