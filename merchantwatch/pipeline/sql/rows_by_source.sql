{#- Where the rows of each order export went. Contested rows were added to the superseded ones, so that they are no
    lines; here they count as quarantined instead. -#}
select
    rows.source,
    rows.rows,
    rows.quarantined{% if conflicts %} + coalesce(contested_ids.conflicts, 0){% endif %} as quarantined,
    rows.no_records,
    coalesce(replaced.superseded, 0){% if conflicts %} - coalesce(contested_ids.conflicts, 0){% endif %} as superseded,
    coalesce(created_later.later, 0) as later
from (
    select
        source,
        count(case when left_out <> 3 then 1 end) as rows,
        count(case when left_out = 1 then 1 end) as quarantined,
        count(case when left_out = 3 then 1 end) as no_records
    from states
    group by source
) as rows
left join (
    select source, count(*) as superseded
    from superseded
    group by source
) as replaced
    on rows.source = replaced.source
left join (
    select source, cast(sum(lines) as bigint) as later
    from kinds
    where left_out = 2
    group by source
) as created_later
    on rows.source = created_later.source
{%- if conflicts %}
left join (
    select source, count(*) as conflicts
    from contested
    group by source
) as contested_ids
    on rows.source = contested_ids.source
{%- endif %}
