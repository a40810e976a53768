{#- The current rows of each source, counted by equal flags: how many, and when they were created. With
    `by`, rows are told apart by these columns, too. -#}
select
    source,
    left_out,
    {%- for name in by %}
    {{ name }},
    {%- endfor %}
    {%- for mark in marks %}
    {%- for name, bit in mark.bits %}
    ({{ mark.column }} & {{ bit }}) <> 0 as {{ name }},
    {%- endfor %}
    {%- endfor %}
    lines,
    created_first,
    created_last,
    {{ middle }} + interval '1' second * newest_event as newest_event
from (
    select
        source,
        left_out,
        {%- for name in by %}
        {{ name }},
        {%- endfor %}
        {%- for mark in marks %}
        {{ mark.column }},
        {%- endfor %}
        count(*) as lines,
        min(created_on) as created_first,
        max(created_on) as created_last,
        max(newest_event) as newest_event
    from current
    group by source, left_out{% for name in by %}, {{ name }}{% endfor %}{% for mark in marks %}, {{ mark.column }}{% endfor %}
) as kinds
