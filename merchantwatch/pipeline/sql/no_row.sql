{#- Columns of the table without a row, which gives them their types. -#}
select {{ columns | join(', ') }} from nothing
