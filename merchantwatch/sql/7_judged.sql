{#- The lines of which some rule has something to say, with all their fields: of each rule its state
    and deadline, and what their signals come to. -#}
with standing as (
    select
        {%- for name in states %}
        kept.{{ name }},
        {%- endfor %}
        {%- for name in fields if name != 'line_id' %}
        kept.{{ name }},
        {%- endfor %}
        {%- for name, type in absent.items() %}
        cast(null as {{ type }}) as {{ name }},
        {%- endfor %}
        coalesce(named.line_id, kept.line_id) as line_id
    from kept
    left join named
        on kept.source = named.source and kept.source_row = named.source_row
    left join superseded
        on kept.source = superseded.source and kept.source_row = superseded.source_row
    where kept.left_out = 0 and superseded.source is null
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
    *
    {%- if risk %},
    case
        when {{ risk.code }}_risk >= {{ risk.breached }} then 1
        when {{ risk.code }}_risk >= {{ risk.near }} then 2
        else 0
    end as {{ risk.code }}_state
    {%- endif %}
from {{ 'risked' if risk else 'stated' }}
