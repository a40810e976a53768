{#- The rows that contest an id: no line of the run is any of them. -#}
select source, source_row from contested
