{#- The amounts of the lines behind breached findings, each line once, by currency. -#}
select currency, sum(amount) as stake
from (
    select distinct hits.source, hits.source_row, hits.amount, hits.currency
    from hits
    inner join findings
        on hits.code = findings.code and hits.platform = findings.platform
        and hits.shop is not distinct from findings.shop and hits.key = findings.key
    where findings.state = 'breached' and hits.state = 'hit' and hits.amount is not null
) as lines
group by currency
order by currency nulls last
