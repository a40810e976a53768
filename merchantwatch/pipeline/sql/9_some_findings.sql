{#- A page of all findings: at most `most` of them, after the first `first`. -#}
select *
from every_finding
where place > {{ first }} and place <= {{ first + most }}
