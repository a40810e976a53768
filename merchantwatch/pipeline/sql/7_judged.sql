{#- Stated lines as exemptions leave them: the state and deadline by each rule, the intervention risk,
    and only those fields that counting and tasks need. -#}
with stated as (
    {{ stated }}
)
{%- if risk %},

risked as (
    select
        stated.*,
        {{ risk.value }} as {{ risk.code }}_risk,
        {{ risk.signals }} as {{ risk.code }}_signals,
        {%- for code, grade in risk.grades.items() %}
        case when {{ code }}_state = 1 then cast({{ grade }} as decimal(3, 2)) end as {{ code }}_risk,
        {%- endfor %}
        {{ risk.due }} as {{ risk.code }}_due
    from stated
)
{%- endif %}

select
    {%- for name in counted %}
    {{ name }},
    {%- endfor %}
    {%- for rule in rules %}
    {{ rule.code }}_state,
    {%- if rule.due %}
    {{ rule.code }}_due,
    {%- endif %}
    {%- endfor %}
    {%- if risk %}
    {{ risk.code }}_risk,
    {{ risk.code }}_signals,
    {{ risk.code }}_due,
    {%- for code in graded %}
    {{ code }}_risk,
    {%- endfor %}
    case
        when {{ risk.code }}_risk >= {{ risk.breached }} then 1
        when {{ risk.code }}_risk >= {{ risk.near }} then 2
        else 0
    end as {{ risk.code }}_state,
    {%- endif %}
    as_of
from {{ 'risked' if risk else 'stated' }}
