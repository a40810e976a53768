{#- What the hits of one scope count to. -#}
select coalesce(sum(weight), 0) as count
from hits
where code = {{ code }} and key = {{ key }} and shop is not distinct from {{ shop }}
