{#- Rows with what is the same for a whole source, or for all, and so is not stored with each. -#}
create view platformed as
select
    rows.*,
    cast({{ platform }} as varchar) as platform
    {%- if shop %},
    cast({{ shop }} as varchar) as shop
    {%- endif %}
    {%- for name, kind in absent.items() %},
    cast(null as {{ kind }}) as {{ name }}
    {%- endfor %}
from rows
