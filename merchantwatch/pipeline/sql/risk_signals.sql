{#- The signals of the lines behind the listed risk findings. -#}
select
    listed.platform,
    listed.shop,
    listed.key
    {%- for signal in signals %},
    shown.{{ signal.code }}_state
    {%- if signal.rule.graded %},
    shown.{{ signal.code }}_risk
    {%- endif %}
    {%- endfor %}
from {{ listed }} as listed
inner join hits
    on listed.code = hits.code and listed.platform = hits.platform
    and listed.shop is not distinct from hits.shop and listed.key = hits.key
inner join shown
    on hits.source = shown.source and hits.source_row = shown.source_row
where listed.code = {{ code }}
