{#- One line, or each line of one order, with what every rule makes of it. -#}
select
    lines.*
    {%- for rule in rules %},
    {{ rule.state }} as {{ rule.code }}_state,
    {{ rule.applies }} as {{ rule.code }}_applies
    {%- if rule.due %},
    {{ rule.due }} as {{ rule.code }}_due,
    {{ rule.done }} as {{ rule.code }}_done
    {%- endif %}
    {%- endfor %}
from {% include 'shared.sql' %} as lines
order by platform, line_id
