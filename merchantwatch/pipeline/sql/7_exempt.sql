{#- Each line and rule with the approved exemption that counts, the one that leaves the mildest state.
    State 5 is exempt: hit or near without the exemption. `open_at` is a deadline still to come. -#}
with ranked as (
    select
        *,
        row_number() over (
            partition by code, source, source_row
            order by case new_state when 1 then 3 when 2 then 2 when 4 then 1 else 0 end, lifts desc, due_at desc nulls last, number
        ) as place
    from candidates
    where approved
)

select
    code,
    source,
    source_row,
    number,
    due_at,
    case when old_state = 4 or new_state in (1, 2) then new_state else 5 end as state,
    case when opens and new_state in (2, 4) then due_at end as open_at
from ranked
where place = 1
