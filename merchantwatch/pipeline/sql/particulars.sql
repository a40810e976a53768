{#- What the texts of each listed finding need: for how many of its lines the act is `not_done`, and, where
    its rule shows fields, the fields of its single line. -#}
{%- macro of(codes) -%}
from hits
inner join {{ listed }} as listed
    on hits.code = listed.code and hits.platform = listed.platform
    and hits.shop is not distinct from listed.shop and hits.key = listed.key
{{ caller() }}
where hits.code in ({{ codes }}) and (hits.state = 'hit' or listed.state = 'near')
{%- endmacro -%}
select
    hits.code,
    hits.platform,
    hits.shop,
    hits.key,
    count(case when hits.not_done then 1 end) as not_done
    {%- for name, type in fields.items() %},
    cast(null as {{ type }}) as shown_{{ name }}
    {%- endfor %}
{% call of(others) %}{% endcall %}
group by hits.code, hits.platform, hits.shop, hits.key

union all

select
    hits.code,
    hits.platform,
    hits.shop,
    hits.key,
    case when hits.not_done then 1 else 0 end as not_done
    {%- for name in fields %},
    shown.{{ name }} as shown_{{ name }}
    {%- endfor %}
{% call of(of_lines) -%}
inner join shown
    on hits.source = shown.source and hits.source_row = shown.source_row
{%- endcall %}
