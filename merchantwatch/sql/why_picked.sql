{#- The row of one line, or the rows of one order's lines. -#}
create or replace table why_picked as
select rows.source, rows.source_row
from ({{ rows }}) as rows
inner join current
    on rows.source = current.source and rows.source_row = current.source_row
where current.left_out = 0 and (rows.line_id = {{ wanted }} or rows.order_id = {{ wanted }})
