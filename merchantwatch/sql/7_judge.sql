{#- The lines of which some rule has something to say, with all their fields: a state and a deadline
    for each rule, and what their signals come to. -#}
create table judged as
with stated as (
    select
        lines.*
        {%- for rule in rules %},
        {{ rule.state }} as {{ rule.code }}_state
        {%- if rule.due %},
        {{ rule.due }} as {{ rule.code }}_due
        {%- endif %}
        {%- endfor %}
    from {% include 'shared.sql' %} as lines
)
{%- if risk %},

risked as (
    select
        stated.*,
        {{ risk.value }} as {{ risk.code }}_risk,
        {{ risk.signals }} as {{ risk.code }}_signals,
        {{ risk.due }} as {{ risk.code }}_due
    from stated
)
{%- endif %}

select
    *
    {%- if risk %},
    case
        when {{ risk.code }}_risk >= {{ risk.breached }} then 1
        when {{ risk.code }}_risk >= {{ risk.near }} then 2
        else 0
    end as {{ risk.code }}_state
    {%- endif %}
from {{ 'risked' if risk else 'stated' }}
