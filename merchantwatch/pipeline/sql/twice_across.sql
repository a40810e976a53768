{#- What some export has several times, among the rows that were looked at first. -#}
select source, line_hash
from across
{%- if bounds %}
where line_hash between {{ bounds[0] }} and {{ bounds[1] }}
{%- endif %}
group by source, line_hash
having count(*) > 1
