{#- Lines that only an exemption keeps from being hit or near: shown among the hits, but counted nowhere. -#}
select
    exempt.code,
    'exempt' as state,
    judged.source,
    judged.source_row,
    judged.platform,
    judged.shop,
    judged.line_id,
    judged.amount,
    cast(null as varchar) as currency,
    cast(null as decimal(18, 2)) as penalty,
    exempt.due_at,
    exempt.open_at as next_due_at,
    cast(0 as bigint) as weight,
    cast(null as decimal(18, 4)) as risk
from exempt
inner join judged
    on exempt.source = judged.source and exempt.source_row = judged.source_row
where exempt.state = {{ exempt }}
