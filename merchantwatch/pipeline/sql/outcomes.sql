{#- How many lines each rule hits, nears and cannot judge; `unsignalled` are those that no signal could judge. -#}
select
    hits.*,
    unjudged.*
from (
    select
        {%- for code in codes %}
        count(case when {{ code }}_state = 1 then 1 end) as {{ code }}_hits,
        count(case when {{ code }}_state = 2 then 1 end) as {{ code }}_near,
        {%- endfor %}
        count(*) as shown
    from judged
) as hits
cross join (
    select
        {%- for code in codes %}
        cast(coalesce(sum(case when {{ code }}_unjudged then lines end), 0) as bigint) as {{ code }}_unjudged,
        {%- endfor %}
        {%- if signals %}
        cast(coalesce(sum(case when {{ signals | join('_unjudged and ') }}_unjudged then lines end), 0) as bigint) as unsignalled,
        {%- endif %}
        cast(coalesce(sum(lines), 0) as bigint) as judged
    from kinds
    where left_out = 0
) as unjudged
