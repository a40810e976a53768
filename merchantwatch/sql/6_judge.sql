{#- Every rule on every line, in one pass: a state and a deadline for each rule. Kept are the lines
    of which some rule has something to say. States: 0 no, 1 hit, 2 near, 3 unjudged, 4 open. -#}
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
    from (select *, {{ as_of }} as as_of from standing where left_out is null) as lines
)
{%- if risk %},

risked as (
    select
        stated.*,
        {{ risk.value }} as {{ risk.code }}_risk,
        {{ risk.signals }} as {{ risk.code }}_signals,
        {{ risk.due }} as {{ risk.code }}_due,
        {{ risk.unjudged }} as {{ risk.code }}_unjudged
    from stated
)
{%- endif %}

select
    *
    {%- if risk %},
    case
        when {{ risk.code }}_risk >= {{ risk.breached }} then 1
        when {{ risk.code }}_risk >= {{ risk.near }} then 2
        when {{ risk.code }}_unjudged then 3
        else 0
    end as {{ risk.code }}_state
    {%- endif %}
from {{ 'risked' if risk else 'stated' }}
where {% for rule in rules %}{{ rule.code }}_state > 0{{ ' or ' if not loop.last }}{% else %}false{% endfor %}
