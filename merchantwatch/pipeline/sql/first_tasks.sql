{#- So many tasks from one on, in their order: the gravest first, within it the next, within it the dearest. -#}
(
        select *
        from tasks
        order by rank desc, due_at nulls last, money_to_save desc, id
        limit {{ most }} offset {{ first }}
    )
