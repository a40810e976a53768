{#- Cells of one export → typed fields, one row for each row of the file. From the inside out: cleaned
    text (`F_cell`), texts of times rewritten in one shape (`F_spelled`) and as moments (`F_moment`), values
    (`F`), and then `problem`: why a row cannot be understood, in which field, and what the cell held. -#}
{%- import 'cells.sql' as cell with context -%}
{%- import 'moments.sql' as moments with context -%}
{%- macro cells() -%}
(
            select
                source,
                own_shop,
                source_row
                {%- if divides %},
                divided
                {%- endif %}
                {%- for f in fields %},
                {{ cell.cleaned(f) }} as {{ f.name }}_cell
                {%- endfor %}
            from {{ rows }}
        )
{%- endmacro -%}
{%- macro spelled() -%}
{%- set shaped = fields | selectattr('shapes') | list -%}
{%- if shaped -%}
(select *{% for f in shaped %}, {{ moments.spelled(f) }} as {{ f.name }}_spelled{% endfor %} from {{ cells() }} as cells)
{%- else -%} {{ cells() }} {%- endif -%}
{%- endmacro -%}
{%- macro found_moments() -%}
{%- set unsure = fields | selectattr('kind', 'equalto', 'time') | rejectattr('sound') | list -%}
{%- if unsure -%}
(select *{% for f in unsure %}, {{ moments.moment(f) }} as {{ f.name }}_moment{% endfor %} from {{ spelled() }} as spelled)
{%- else -%} {{ spelled() }} {%- endif -%}
{%- endmacro -%}
{#- The id that a row must have is tested first: it shows whether the row is a record at all. #}
{%- set faults %}{% for f in fields if f.name in no_lines %}{{ cell.no_line(f, no_lines[f.name]) }}{% endfor %}{% for f in fields | sort(attribute='required', reverse=true) %}{{ cell.faults(f) }}{% endfor %}{% endset -%}
select
    source,
    source_row,
    problem,
    {{ platform }} as platform,
    {%- for field in row_fields %}
    {% if field in computed %}{{ computed[field] }}
    {%- elif field in fields_read %}{{ field }}
    {%- else %}cast(null as {{ row_fields[field] }})
    {%- endif %} as {{ field }},
    {%- endfor %}
    {%- for field in words %}
    {% if field in fields_read %}case when {{ field }} is null then {{ field }}_cell end
    {%- else %}cast(null as varchar)
    {%- endif %} as {{ field }}_text,
    {%- endfor %}
    out_of_stock_from,
    {%- for field in ('amount', 'quantity') %}
    {% if field in fields_read and field not in surely_read %}{{ field }} is null and {{ field }}_cell is not null
    {%- else %}false
    {%- endif %} as {{ field }}_unread,
    {%- endfor %}
    {{ 'divided' if divides else 'false' }} as divided,
    {% for f in fields if f.kind == 'time' and f.native == 'text' and f.shapes -%}
    {{ moments.without_seconds(f) }} or {# #}
    {%- endfor %}false as without_seconds
from (
    select
        *,
        {{ 'case' ~ faults ~ ' end' if faults else 'cast(null as varchar)' }} as problem,
        {%- if shortage_from %}
        case
        {%- for f in shortage_from %}
            when {{ 'out_of_stock' if f.name == 'out_of_stock' else cell.shortage(f.name ~ '_cell') }} then '{{ f.name }}'
        {%- endfor %}
        end
        {%- else %}
        cast(null as varchar) {%- endif %} as out_of_stock_from
        {%- for item in derived %},
        case when {{ item.words_of }}_cell is null then null
        {%- for word, meaning in item.words %} when {{ item.words_of }}_cell = {{ word }} then {{ meaning }}{% endfor %}
        {%- set other = cell.looked_up(item.words_of ~ '_cell', item.others) if item.others else 'null' %}
        {%- set meaning = 'cast(' ~ other ~ ' as ' ~ item.type ~ ')' %} else
        {%- if item.rest %} coalesce({{ meaning }}, case when {{ item.words_of }} is not null then {{ item.rest }} end)
        {%- else %} {{ meaning }}{% endif %} end as {{ item.field }}_derived
        {%- endfor %}
    from (
        select
            *
            {%- for f in fields %},
            {{ cell.typed(f) }} as {{ f.name }}
            {%- endfor %}
        from {{ found_moments() }} as found
    ) as typed
) as checked
