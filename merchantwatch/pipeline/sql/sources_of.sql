{#- The exports that some rows are of. -#}
select distinct source from {{ rows }} as rows
