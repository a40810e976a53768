{#- Those of such rows that were understood when all their columns were read: the others are no lines. -#}
(
    select twins.*
    from twins
    inner join states
        on twins.source = states.source and twins.source_row = states.source_row
    where states.left_out in (0, 2)
)
