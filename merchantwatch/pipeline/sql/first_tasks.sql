{#- A page of tasks, numbered in their order: the most severe first, then the most urgent, then the most money. -#}
(
        select *, row_number() over (order by rank desc, due_at nulls last, money_to_save desc, id, shop nulls first) as number
        from (
            select *
            from tasks
            where kind in ({{ of | join(', ') }})
            order by rank desc, due_at nulls last, money_to_save desc, id, shop nulls first
            limit {{ most }} offset {{ first }}
        ) as firsts
    )
