{#- How many lines without an id of their own equal another line of their export in every field. -#}
select cast(coalesce(sum(rows - 1), 0) as bigint) as lines
from (
    select count(*) as rows
    from relevant
    inner join named
        on relevant.source = named.source and relevant.source_row = named.source_row
    left join superseded
        on relevant.source = superseded.source and relevant.source_row = superseded.source_row
    where relevant.left_out = 0 and superseded.source is null
    group by relevant.source{% for field in fields %}, relevant.{{ field }}{% endfor %}

    having count(*) > 1
) as equal
