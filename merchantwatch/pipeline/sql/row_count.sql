{#- How many rows a table or view has. -#}
select count(*) as rows from {{ table }}
