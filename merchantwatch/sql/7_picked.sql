{#- The rows that some rule hits or nears; and those whose deadline in a wider scope still lies ahead. -#}
create table {{ table }} as
select source, source_row
from current
where {% for code in codes %}{{ code }}_state in ({{ states }}){{ ' or ' if not loop.last }}{% else %}false{% endfor %}
