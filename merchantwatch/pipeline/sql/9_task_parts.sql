{#- The lines of each task, by its kind and what it is about. For each line: `averted_rank`, the severity of the worst
    consequence that the act averts; `rank`, that of all its rules; `due_at`, by when; `to_do`, whether it is to be
    done now. The act averts the limit of a scope that is near if the limit would be reached without it: by a
    forecast, or because the lines of the task are enough for it (`adding`). -#}
{%- macro requires(act) -%}
{{ act.code }}_acts in ({{ act.states }}){% if not act.of_line %} and {{ act.code }}_found > 0{% endif %}
{%- endmacro -%}
{%- macro averts(act) -%}
{%- if act.of_line %}true{% else -%}
({{ act.code }}_found = 2{% if act.reached %} or ({{ act.code }}_found = 3 and coalesce(adding_{{ act.code }}.reached, false)){% endif %})
{%- endif -%}
{%- endmacro -%}
with adding as (
    select '' as kind, platform, shop, line_id as about, '' as code, line_id as key, false as reached
    from task_lines
    where false
    {%- for act in acts if act.reached and not act.of_line %}
    union all
    select kind, platform, shop, about, code, key, {{ act.reached }} as reached
    from (
        select
            '{{ act.kind }}' as kind,
            task_lines.platform,
            task_lines.shop,
            coalesce({{ act.about }}) as about,
            '{{ act.code }}' as code,
            findings.key,
            max(findings.count) + sum(case when {{ act.code }}_acts <> 1 then 1 else 0 end) as count,
            max(findings.volume) as volume
        from task_lines
        inner join findings
            on findings.code = '{{ act.code }}' and findings.platform = task_lines.platform
            and findings.shop is not distinct from task_lines.shop and findings.key = {{ act.key }}
        where {{ act.code }}_found = 3 and {{ act.code }}_acts in ({{ act.states }})
        group by task_lines.platform, task_lines.shop, coalesce({{ act.about }}), findings.key
    ) as if_not
    {%- endfor %}
)
{%- for kind, of_kind in acts | groupby('kind') %}
{{ 'union all' if not loop.first }}
select
    '{{ kind }}' as kind,
    source,
    source_row,
    task_lines.platform,
    task_lines.shop,
    coalesce({{ of_kind[0].about }}) as about,
    task_lines.order_key,
    greatest(
        {%- for act in of_kind %}
        case when {{ requires(act) }} and (({{ averts(act) }} and {{ act.code }}_at is not null) or ({{ act.code }}_acts = 1 and {{ act.resolves }}{% if not act.of_line %} and {{ act.code }}_found = 1{% endif %})) then {{ act.rank }} end{{ ',' if not loop.last }}
        {%- endfor %}
    ) as averted_rank,
    greatest(
        {%- for act in of_kind %}
        case when {{ requires(act) }} then {{ act.rank }} end{{ ',' if not loop.last }}
        {%- endfor %}
    ) as rank,
    least(
        {%- for act in of_kind %}
        case when {{ requires(act) }} and {{ averts(act) }} then {{ act.code }}_at end{{ ',' if not loop.last }}
        {%- endfor %}
    ) as due_at,
    {% for act in of_kind %}({{ requires(act) }} and {{ act.code }}_acts in (1, 2)){{ ' or ' if not loop.last }}{% endfor %} as to_do
from task_lines
{%- for act in of_kind if act.reached and not act.of_line %}
left join adding as adding_{{ act.code }}
    on adding_{{ act.code }}.kind = '{{ kind }}' and adding_{{ act.code }}.code = '{{ act.code }}'
    and task_lines.platform = adding_{{ act.code }}.platform and task_lines.shop is not distinct from adding_{{ act.code }}.shop
    and coalesce({{ act.about }}) = adding_{{ act.code }}.about
    and case when {{ act.code }}_found = 3 then {{ act.key }} end = adding_{{ act.code }}.key
{%- endfor %}
where {% for act in of_kind %}({{ requires(act) }}){{ ' or ' if not loop.last }}{% endfor %}
{%- endfor %}
