{#- How many cases each buyer has asked for since some day. Who asked is told by the case, else by the
    line that it is of; one case is filed under several keys, and counts once. -#}
select platform, buyer_key, count(distinct case_id) as cases
from (
    select
        filed_cases.platform,
        filed_cases.case_id,
        filed_cases.case_applied_at,
        coalesce(filed_cases.buyer_key, across.buyer_key) as buyer_key
    from filed_cases
    left join across on filed_cases.number = across.case_number
) as told
where buyer_key is not null and case_applied_at >= {{ since }}
group by platform, buyer_key
