{#- The rows of the file of exemptions. `covered` is the number of the set of rules that a row covers. -#}
select
    cast(number as integer) as number,
    cast(reason as varchar) as reason,
    cast(approved as boolean) as approved,
    cast(lifts as boolean) as lifts,
    cast(covered as integer) as covered,
    cast(first_at as timestamp) as first_at,
    cast(last_at as timestamp) as last_at,
    cast(basis as varchar) as basis,
    cast(moved_to as timestamp) as moved_to,
    cast(moved_by as integer) as moved_by
from (
    values
    {%- for row in rows %}
    ({{ row | join(', ') }}){{ ',' if not loop.last }}
    {%- endfor %}
) as rows(number, reason, approved, lifts, covered, first_at, last_at, basis, moved_to, moved_by)
