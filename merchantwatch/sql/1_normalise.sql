{#- Cells of one order export → typed fields, one row for each row of the file. A row that cannot
    be understood says in `problem` which field, what stood there, and why. -#}
{%- import 'cells.sql' as cell with context -%}
insert into rows by name
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
),

checked as (
    select
        *,
        case
        {%- for f in fields %}{{ cell.faults(f) }}{% endfor %}
        end as problem,
        {%- if shortage_from %}
        case
        {%- for f in shortage_from %}
            when {{ 'out_of_stock' if f.name == 'out_of_stock' else cell.shortage(f.name ~ '_cell') }} then '{{ f.name }}'
        {%- endfor %}
        end
        {%- else %} null {%- endif %} as out_of_stock_from
    from typed
)

select
    {{ export }} as source,
    source_row,
    problem,
    {%- if 'line_id' in own %}
    line_id,
    {%- else %}
    case when count(*) over (partition by order_id) = 1 then order_id
        else order_id || '-' || row_number() over (partition by order_id order by source_row)
    end as line_id,
    {%- endif %}
    {%- if 'shop' in own %}
    coalesce(shop, {{ shop }}) as shop,
    {%- elif shops %}
    {{ shop }} as shop,
    {%- endif %}
    {%- if 'out_of_stock' in stored %}
    out_of_stock_from,
    {%- if 'out_of_stock' in own %}
    case when out_of_stock_from is not null then true else out_of_stock end as out_of_stock,
    {%- else %}
    out_of_stock_from is not null as out_of_stock,
    {%- endif %}
    {%- endif %}
    {%- if paid_from_created %}
    created_at as paid_at,
    {%- endif %}
    {%- for field, words_of, own_word, words in derived %}
    {%- if field in stored and words_of in own %}
    {% if own_word %}coalesce({{ field }}, {% endif -%}
    case {{ words_of }}_cell
    {%- for word, canonical in words %} when {{ word }} then {{ canonical }}{% endfor %} end
    {%- if own_word %}){% endif %} as {{ field }},
    {%- endif %}
    {%- endfor %}
    {%- for f in fields if f.name in stored and f.name not in made %}
    {{ f.name }},
    {%- endfor %}
    {%- for f in fields if f.kind == 'word' and f.name in stored %}
    case when {{ f.name }} is null then {{ f.name }}_cell end as {{ f.name }}_text,
    {%- endfor %}
    {%- for f in fields if f.name in ('amount', 'quantity') %}
    {{ f.name }} is null and {{ f.name }}_cell is not null as {{ f.name }}_unread,
    {%- endfor %}
    {%- set text_times = fields | selectattr('kind', 'eq', 'time') | selectattr('native', 'eq', 'text') | list %}
    {% for f in text_times -%}
    coalesce(length({{ f.name }}_cell) < 17 and {{ f.name }}_cell not like '%:%:%', false) or {# #}
    {%- endfor %}false as without_seconds
from checked
