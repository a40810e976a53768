{#- The exports that these rows come from. -#}
select distinct source from {{ rows }} as rows
