{#- The lines of which some rule has something to say: of each rule its state and deadline, what their
    signals come to, and as few fields as counting needs. -#}
with standing as (
    select
        {%- for name in states %}
        current.{{ name }},
        {%- endfor %}
        {%- for name in fields if name != 'line_id' %}
        kept.{{ name }},
        {%- endfor %}
        {%- for name, type in absent.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        coalesce(named.line_id, kept.line_id) as line_id
    from kept
    inner join current
        on kept.source = current.source and kept.source_row = current.source_row
    left join named
        on kept.source = named.source and kept.source_row = named.source_row
    where current.left_out = 0
),

stated as (
    select
        lines.*
        {%- for rule in rules if rule.due %},
        {{ rule.due }} as {{ rule.code }}_due
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
    case
        when {{ risk.code }}_risk >= {{ risk.breached }} then 1
        when {{ risk.code }}_risk >= {{ risk.near }} then 2
        else 0
    end as {{ risk.code }}_state,
    {%- endif %}
    as_of
from {{ 'risked' if risk else 'stated' }}
