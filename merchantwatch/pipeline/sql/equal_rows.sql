{#- Lines that are identical with another of their export: every field is equal, and there is no id but
    the order's. -#}
select cast(coalesce(sum(rows - 1), 0) as bigint) as lines
from (
    select count(*) as rows
    from kept
    inner join named
        on kept.source = named.source and kept.source_row = named.source_row
    left join superseded
        on kept.source = superseded.source and kept.source_row = superseded.source_row
    where kept.left_out = 0 and superseded.source is null
    group by kept.source{% for field in fields %}, kept.{{ field }}{% endfor %}

    having count(*) > 1
) as equal
