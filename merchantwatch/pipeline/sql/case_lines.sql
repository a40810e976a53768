{#- The fields that serve as evidence, of the lines behind listed findings about after-sales cases. -#}
select
    listed.code,
    listed.platform,
    listed.shop,
    listed.key
    {%- for field in fields %},
    shown.{{ field }}
    {%- endfor %}
from {{ listed }} as listed
inner join hits
    on listed.code = hits.code and listed.platform = hits.platform
    and listed.shop is not distinct from hits.shop and listed.key = hits.key
inner join shown
    on hits.source = shown.source and hits.source_row = shown.source_row
where listed.code in ({{ codes }}) and shown.case_applied_at is not null
