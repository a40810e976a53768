{#- A row that has found, by its own id, parcels filed under an id of an order or a line, if any has. -#}
select {{ by_line }}
from states
where {{ by_line }} is not null and left_out = 0
limit 1
