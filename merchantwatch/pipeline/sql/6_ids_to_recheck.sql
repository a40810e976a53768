{#- The hashes of ids that one export has several times: their rows are read once more, to see whether
    they are one line. -#}
select distinct line_hash from {{ twice }} as twice
