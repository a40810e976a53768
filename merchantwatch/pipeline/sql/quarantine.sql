{#- The rows that were read but could not be understood, in the order of their exports and files. -#}
select source, source_row, min(problem) as problem
from (
    {%- for table in tables %}
    select source, source_row, problem
    from {{ table }} as of_a_kind
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor -%}
) as rows
where problem is not null and left(problem, 5) not in ('{{ no_records | join("', '") }}') and source in ({{ sources | join(', ') }})
group by source, source_row
order by
    case source {% for source in sources %} when {{ source }} then {{ loop.index }}{% endfor %} end,
    source_row % {{ row_stride }},
    source_row
