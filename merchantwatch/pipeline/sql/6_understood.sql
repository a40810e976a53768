{#- The twins that were understood when all columns were read; the others are no lines, and so contest
    no id. -#}
(
    select twins.*
    from twins
    inner join states
        on twins.source = states.source and twins.source_row = states.source_row
    where states.left_out in (0, 2)
)
