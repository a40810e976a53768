{#- The orders and products that exemptions name, and the orders of suppressions. -#}
select distinct cast(kind as varchar) as kind, cast(id as varchar) as id
from (
    values
    {%- for kind, id in ids %}
    ('{{ kind }}', {{ id }}){{ ',' if not loop.last }}
    {%- endfor %}
) as rows(kind, id)
