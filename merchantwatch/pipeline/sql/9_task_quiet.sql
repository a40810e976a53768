{#- The tasks that are not listed because everything that they would resolve is suppressed, each with the
    first entry that suppresses it. -#}
with required as (
    select kind, platform, shop, about, '' as code, rank, 0 as entry, 0 as state
    from tasks
    where false
    {%- for act in acts %}

    union all

    select
        '{{ act.kind }}' as kind,
        task_lines.platform,
        task_lines.shop,
        coalesce({{ act.about }}) as about,
        '{{ act.code }}' as code,
        {{ act.rank }} as rank,
        {{ act.code ~ '_quiet' if act.of_line else 'suppressed.entry' }} as entry,
        {{ act.code }}_{{ 'off' if act.of_line else 'acts' }} as state
    from task_lines
    {%- if not act.of_line %}
    inner join suppressed
        on suppressed.code = '{{ act.code }}' and suppressed.platform = task_lines.platform
        and suppressed.shop is not distinct from task_lines.shop and suppressed.key = {{ act.key }}
    {%- endif %}
    where {{ act.code }}_{{ 'off' if act.of_line else 'acts' }} in ({{ act.states }})
    {%- endfor %}
)

select
    required.kind,
    required.platform,
    required.shop,
    required.about,
    max(required.rank) as rank,
    cast(min(required.entry) as integer) as entry
from required
left join tasks as existing
    on required.kind = existing.kind and required.platform = existing.platform
    and required.shop is not distinct from existing.shop and required.about = existing.about
where existing.kind is null
group by required.kind, required.platform, required.shop, required.about
having max(case when required.state in (1, 2) then 1 else 0 end) = 1
