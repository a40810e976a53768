{#- The exemptions that would change a verdict on one line, by rule, in the order of their file; `counts` marks the
    one that is applied. -#}
select
    candidates.code,
    candidates.number,
    candidates.approved,
    candidates.lifts,
    candidates.due_at,
    exempt.number is not null as counts
from candidates
left join exempt
    on candidates.code = exempt.code and candidates.source = exempt.source
        and candidates.source_row = exempt.source_row and candidates.number = exempt.number
where candidates.source = {{ source }} and candidates.source_row = {{ row }} and candidates.old_state in (1, 2)
order by candidates.code, candidates.number
