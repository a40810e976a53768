{#- Each rule's lines by state, in one pass over the judged lines. -#}
select
    {%- for code in codes %}
    count(*) filter (where {{ code }}_state = 1) as {{ code }}_hits,
    count(*) filter (where {{ code }}_state = 2) as {{ code }}_near,
    count(*) filter (where {{ code }}_state = 3) as {{ code }}_unjudged,
    {%- endfor %}
    count(*) as judged
from judged
