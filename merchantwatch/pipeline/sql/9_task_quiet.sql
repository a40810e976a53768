{#- The tasks that are not listed because everything that they would resolve is suppressed, each with the
    first entry that suppresses it. -#}
with asked as (
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
    asked.kind,
    asked.platform,
    asked.shop,
    asked.about,
    max(asked.rank) as rank,
    cast(min(asked.entry) as integer) as entry
from asked
left join tasks as existing
    on asked.kind = existing.kind and asked.platform = existing.platform
    and asked.shop is not distinct from existing.shop and asked.about = existing.about
where existing.kind is null
group by asked.kind, asked.platform, asked.shop, asked.about
having max(case when asked.state in (1, 2) then 1 else 0 end) = 1
