{#- The cases or parcels that belong to no line: no row of any order export has looked them up. -#}
select filed.source, filed.{{ named_by }} as name
from {{ filed }} as filed
left join (select distinct {{ number }} as number from states) as looked_up
    on filed.number = looked_up.number
group by filed.source, filed.{{ named_by }}
having count(looked_up.number) = 0
