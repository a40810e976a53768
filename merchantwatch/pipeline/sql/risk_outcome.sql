{#- The lines that their signals make a hit or near. -#}
select
    count(*) filter (where {{ code }}_state = 1) as hits,
    count(*) filter (where {{ code }}_state = 2) as near
from judged
