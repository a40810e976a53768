{#- Some of them, from one on. -#}
select *
from every_finding
where place > {{ first }} and place <= {{ first + most }}
