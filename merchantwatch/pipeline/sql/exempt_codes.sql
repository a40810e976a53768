{#- The rules from which some line is exempt, and how many lines would otherwise be hit or near. -#}
select code, count(case when state = 5 then 1 end) as exempt
from exempt
group by code
order by code
