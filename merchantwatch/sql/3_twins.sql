{#- The lines that stand in more than one row. -#}
create table twins as
select platform, line_id
from rows
where problem is null
group by platform, line_id
having count(*) > 1
