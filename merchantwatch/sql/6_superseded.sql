{#- Which rows a newer export, or a later row of the same export, has replaced: most lines have no
    twin, so only those whose hash repeats are ranked. Sources are numbered from the oldest. Of many
    rows a part is looked at by itself, so that hashes do not need more memory the more there are. -#}
with identified as (
    select
        states.source,
        states.source_row,
        coalesce(named.line_hash, states.line_hash) as line_hash,
        coalesce(named.line_check, states.line_check) as line_check
    from states
    left join named
        on states.source = named.source and states.source_row = named.source_row
    where states.left_out <> 1
        {%- if parts > 1 %} and coalesce(named.line_hash, states.line_hash) % {{ parts }} = {{ part }}{% endif %}
),

repeated as (
    select line_hash
    from identified
    group by line_hash
    having count(*) > 1
),

ranked as (
    select
        identified.source,
        identified.source_row,
        row_number() over (
            partition by identified.line_hash, identified.line_check
            order by identified.source desc, identified.source_row % {{ apart }} desc, identified.source_row desc
        ) as age
    from identified
    inner join repeated on identified.line_hash = repeated.line_hash
)

select source, source_row
from ranked
where age > 1
