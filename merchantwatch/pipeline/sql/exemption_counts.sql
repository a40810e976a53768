{#- For each exemption: how many lines it applies to, how many of their hits (and near ones) it would
    lift or move, and how many of these it does. -#}
with lines as (
    select number, count(*) as lines
    from exemptible
    group by number
),

hits as (
    select number, count(*) as hits
    from candidates
    where old_state in (1, 2)
    group by number
),

applied as (
    select exempt.number, count(*) as applied
    from exempt
    inner join candidates
        on exempt.code = candidates.code and exempt.source = candidates.source
            and exempt.source_row = candidates.source_row and exempt.number = candidates.number
    where candidates.old_state in (1, 2)
    group by exempt.number
)

select
    exemptions.number,
    coalesce(lines.lines, 0) as lines,
    coalesce(hits.hits, 0) as hits,
    coalesce(applied.applied, 0) as applied
from exemptions
left join lines on exemptions.number = lines.number
left join hits on exemptions.number = hits.number
left join applied on exemptions.number = applied.number
