{#- Rows of case exports → cases as they stood at as-of, filed under every key by which a line may look
    them up; the newest case of a key has place 1. Of a case in several exports the newest export counts.

    `filed_by` says what kind of key it is:
    `line`      the id of a line that some case names
    `order`     the id of an order, for its lines that no case names
    `whole`     the id of an order, for lines that have no id of their own
    `tracking`  a tracking number, for a case that names neither line nor order
    `nothing`   no key at all, for a case that does not even name a parcel

    A case that names a product but no line belongs to lines of that product only. So a key has a `product`,
    too: that product, '' for products that no case names, or '*' for a line whose product is unknown.

    `usual`: the time within which nine of ten refunds of a shop, by type of case, were done. -#}
{%- set finals = "('refunded', 'exchanged', 'closed')" -%}
with repeated as (
    select
        *,
        row_number() over (partition by platform, case_id order by source desc, source_row desc) as age
    from case_rows
    where problem is null
),

known as (
    select
        *,
        coalesce(case_answered_at > {{ as_of }}, false) as answered_later,
        coalesce(case_closed_at > {{ as_of }}, false) as closed_later
    from repeated
    where age = 1 and (case_applied_at is null or case_applied_at <= {{ as_of }})
),

standing as (
    select
        platform,
        shop,
        source,
        source_row,
        buyer_key,
        line_id,
        order_id,
        product_id,
        tracking_no,
        case_id,
        case_type,
        case
            when case_status is null then null
            when answered_later and case_status not in ('asked', 'refused') then 'seller_to_answer'
            when not closed_later or case_status not in {{ finals }} then case_status
            when case_answered_at is null then 'seller_to_answer'
            when case_type in ('return_refund', 'exchange') then 'buyer_to_return'
            else 'refunding'
        end as case_status,
        case_reason,
        case_applied_at,
        case_due_at,
        case when not answered_later then case_answered_at end as case_answered_at,
        case when not closed_later then case_closed_at end as case_closed_at,
        refund_amount,
        refused,
        case when closed_later and intervention in ('buyer_won', 'seller_won', 'withdrawn') then 'ruling' else intervention end as intervention,
        evidence_due_at,
        case when not closed_later then liable end as liable,
        case when not closed_later then platform_advanced end as platform_advanced,
        {%- for field in words %}
        {{ field }}_text,
        {%- endfor %}
        out_of_stock_from,
        answered_later or closed_later as case_masked
    from known
),
{%- if usual %}

finished as (
    select
        platform,
        shop,
        case_type,
        case_closed_at - case_applied_at as waited,
        row_number() over (partition by platform, shop, case_type order by case_closed_at - case_applied_at) as place,
        count(*) over (partition by platform, shop, case_type) as cases
    from standing
    where case_status = 'refunded' and case_closed_at >= case_applied_at and case_closed_at >= {{ usual_since }}
),

usual as (
    select platform, shop, case_type, min(waited) as waited
    from finished
    where cases >= {{ usual_least }} and place * 10 >= cases * 9
    group by platform, shop, case_type
),
{%- endif %}

products as (
    select distinct platform, order_id, product_id as product
    from standing
    where order_id is not null and product_id is not null

    union all

    select distinct platform, order_id, ''
    from standing
    where order_id is not null

    union all

    select distinct platform, order_id, '*'
    from standing
    where order_id is not null
),

lines as (
    select distinct platform, line_id, order_id
    from standing
    where line_id is not null
),

products_of_lines as (
    select distinct lines.platform, lines.line_id, products.product
    from lines
    inner join products
        on lines.platform = products.platform and lines.order_id = products.order_id

    union

    select lines.platform, lines.line_id, anything.product
    from lines
    cross join (values (''), ('*')) as anything(product)
),

filed as (
    select 'line' as filed_by, standing.line_id as key, own.product, standing.*
    from standing
    inner join products_of_lines as own
        on standing.platform = own.platform and standing.line_id = own.line_id

    union all

    select 'line' as filed_by, lines.line_id as key, products.product, standing.*
    from standing
    inner join lines
        on standing.platform = lines.platform and standing.order_id = lines.order_id
    inner join products
        on standing.platform = products.platform and standing.order_id = products.order_id
            and (products.product = '*' or standing.product_id is null or standing.product_id = products.product)
    where standing.line_id is null

    union all

    select scopes.filed_by, standing.order_id as key, products.product, standing.*
    from standing
    inner join products
        on standing.platform = products.platform and standing.order_id = products.order_id
            and (products.product = '*' or standing.product_id is null or standing.product_id = products.product)
    cross join (values ('order'){{ ", ('whole')" if whole }}) as scopes(filed_by)
    where standing.line_id is null or scopes.filed_by = 'whole'

    union all

    select
        case when tracking_no is null then 'nothing' else 'tracking' end as filed_by,
        coalesce(tracking_no, '') as key,
        '*' as product,
        standing.*
    from standing
    where line_id is null and order_id is null
)

select
    filed.*,
    {{ 'filed.case_applied_at + usual.waited' if usual else 'cast(null as timestamp)' }} as refund_usual_at,
    dense_rank() over (order by filed.platform, filed.filed_by, filed.key, filed.product) as number,
    count(*) over (partition by filed.platform, filed.filed_by, filed.key, filed.product) as cases_of_line,
    row_number() over (
        partition by filed.platform, filed.filed_by, filed.key, filed.product
        order by filed.case_applied_at desc nulls last, filed.case_id desc
    ) as place
from filed
{%- if usual %}
left join usual
    on filed.platform = usual.platform and filed.shop is not distinct from usual.shop and filed.case_type = usual.case_type
{%- endif %}
