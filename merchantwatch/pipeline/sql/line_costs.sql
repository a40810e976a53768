{#- What all clauses together cost for each line: the highest of them, plus those that come `on_top` of
    others, as the version in force on the line's day says. -#}
(
        select
            source,
            source_row,
            coalesce(max(case when not comes_on_top then penalty end), 0) as highest_cost,
            coalesce(sum(case when comes_on_top then penalty end), 0) as on_top,
            max(buyer_most) as buyer_most
        from (
            select
                hits.source,
                hits.source_row,
                hits.penalty,
                hits.buyer_most,
                coalesce({{ on_top }}, false) as comes_on_top
            from hits
            inner join findings
                on hits.code = findings.code and hits.platform = findings.platform
                and hits.shop is not distinct from findings.shop and hits.key = findings.key
            where hits.penalty is not null
        ) as priced
        group by source, source_row
    )
