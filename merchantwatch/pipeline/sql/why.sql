{#- One line, or each line of an order, with its state by every rule. -#}
select
    lines.*
    {%- for rule in rules %},
    {{ rule.applies }} as {{ rule.code }}_applies
    {%- if rule.done %},
    {{ rule.done }} as {{ rule.code }}_done
    {%- endif %}
    {%- endfor %}
from shown as lines
where line_id = {{ wanted }} or order_id = {{ wanted }}
order by platform, line_id
