{#- The hashes of the ids of rows that were understood. -#}
select line_hash from {% include '6_identified.sql' %} as identified
