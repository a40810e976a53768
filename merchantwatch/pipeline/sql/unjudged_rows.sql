{#- The rows that a rule could not judge. -#}
select source_row from states where {{ test }}
