{#- The ids that some export has several times, among the rows of the first reading. -#}
select source, line_hash
from cross_line
{%- if bounds %}
where line_hash between {{ bounds[0] }} and {{ bounds[1] }}
{%- endif %}
group by source, line_hash
having count(*) > 1
