{#- What the lines of each source are like: the numbers behind the accounting and the notes. -#}
select
    source,
    min(platform) as platform,
    count(*) as lines,
    count(distinct shop) as shops,
    count(*) filter (where parcel_known) as parcel_known,
    count(*) filter (where promise_computed) as promise_computed,
    count(*) filter (where masked) as masked,
    count(*) filter (where status = 'closed') as closed,
    count(*) filter (where without_seconds) as without_seconds,
    count(*) filter (where amount_unread) as amount_unread,
    count(*) filter (where quantity_unread) as quantity_unread,
    count(*) filter (where status in ('shipped', 'completed') and shipped_at is null) as shipped_without_time,
    {%- for field in words %}
    count({{ field }}_text) as {{ field }}_unknown,
    {%- endfor %}
    min(created_at) as created_first,
    max(created_at) as created_last,
    max(greatest({{ (events + ['cast(null as timestamp)']) | join(', ') }})) as newest_event
from lines
group by source
order by source
