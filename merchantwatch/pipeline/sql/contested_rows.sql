{#- The rows that contest an id, none of which becomes a line. -#}
select source, source_row from contested
