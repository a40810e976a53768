{#- The rows of which some rule has something to say. -#}
create table picked as
select source, source_row
from current
where {% for code in codes %}{{ code }}_state in (1, 2, 4){{ ' or ' if not loop.last }}{% else %}false{% endfor %}
