{#- The hashes that several rows have: most lines occur once. `twice`: one export has it several times;
    of more than 62 exports this may be said of too many hashes, never of too few. -#}
select line_hash, count(*) > bit_count(bit_or(cast(1 as bigint) << (source % 62))) as twice
from {% include '6_identified.sql' %} as identified
group by line_hash
having count(*) > 1
