{#- The scope of one hit, the count of that scope, and what the hit costs. -#}
select hits.key, max(hits.penalty) as penalty, coalesce(sum(others.weight), 0) as count
from hits
left join hits as others
    on hits.code = others.code and hits.platform = others.platform
    and hits.shop is not distinct from others.shop and hits.key = others.key
where hits.code = {{ code }} and hits.source = {{ source }} and hits.source_row = {{ row }}
group by hits.key
