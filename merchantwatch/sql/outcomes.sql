{#- Each rule's lines by state. -#}
select
    {%- for code in codes %}
    count(*) filter (where {{ code }}_state = 1) as {{ code }}_hits,
    count(*) filter (where {{ code }}_state = 2) as {{ code }}_near,
    count(*) filter (where {{ code }}_state = 3) as {{ code }}_unjudged,
    {%- endfor %}
    {%- if signals %}
    count(*) filter (where {{ signals | map('string') | join('_state = 3 and ') }}_state = 3) as unsignalled,
    {%- endif %}
    count(*) as judged
from current
where left_out = 0
