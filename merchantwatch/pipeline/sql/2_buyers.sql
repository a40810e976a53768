{#- How many cases each buyer has applied for since a day. The buyer is the one that the case names, else
    that of the newest row of its line. A case is filed under several keys, but counts once. -#}
{%- import 'identity.sql' as identity -%}
with suspects as (
    select distinct line_hash
    from cross_line
    where case_number is not null
),

aged as (
    {{ identity.aged('suspects', unnamed, row_stride, conflicts) }}
),

buyers_of_cases as (
    select distinct case_number, buyer_key
    from aged
    where age = 1 and buyer_key is not null
)

select platform, buyer_key, count(distinct case_id) as cases
from (
    select
        filed_cases.platform,
        filed_cases.case_id,
        filed_cases.case_applied_at,
        coalesce(filed_cases.buyer_key, buyers_of_cases.buyer_key) as buyer_key
    from filed_cases
    left join buyers_of_cases on filed_cases.number = buyers_of_cases.case_number
) as known
where buyer_key is not null and case_applied_at >= {{ since }}
group by platform, buyer_key
