{#- How many lines the intervention risk hits and nears. -#}
select
    count(*) filter (where {{ code }}_state = 1) as hits,
    count(*) filter (where {{ code }}_state = 2) as near
from judged
