{#- What each rule asks to be done of each line, by the kind of task and what such a task is about. A rule of a scope
    of several lines asks only where that has a finding, and what is done averts its limit where that is only
    near: a forecast or a share is `sure` to reach it otherwise, a count where it gets to `reach`. -#}
{%- for act in acts %}
{{ 'union all' if not loop.first }}
select
    '{{ act.kind }}' as kind,
    task_lines.source,
    task_lines.source_row,
    task_lines.platform,
    task_lines.shop,
    coalesce({{ act.about }}) as about,
    '{{ act.code }}' as code,
    {{ act.code }}_key as key,
    {{ act.code }}_acts as state,
    {{ act.code }}_at as next_at,
    {{ act.rank }} as rank,
    {{ act.mends }} as mends,
    {%- if act.of_line %}
    true as counts,
    false as near,
    cast(0 as bigint) as count,
    cast(null as bigint) as reach
from task_lines
    {%- else %}
    findings.state = 'near' and ({{ act.sure }} or findings.forecast is not null) as counts,
    findings.state = 'near' as near,
    findings.count,
    cast({{ act.reach }} as bigint) as reach
from task_lines
inner join findings
    on findings.code = '{{ act.code }}' and findings.platform = task_lines.platform
    and findings.shop is not distinct from task_lines.shop and findings.key = {{ act.code }}_key
    {%- endif %}
where {{ act.code }}_acts in ({{ act.states }})
{%- endfor %}
