{#- How many findings each rule has, and how many hits cannot be counted, as their scope has no key. -#}
select
    coalesce(counted.code, keyless.code) as code,
    coalesce(counted.findings, 0) as findings,
    coalesce(counted.breached, 0) as breached,
    counted.penalty,
    coalesce(keyless.uncounted, 0) as uncounted
from (
    select code, count(*) as findings, count(*) filter (where state = 'breached') as breached, sum(penalty) as penalty
    from findings
    group by code
) as counted
full outer join (
    select code, count(*) as uncounted
    from hits
    where key is null and state = 'hit'
    group by code
) as keyless
    on counted.code = keyless.code
