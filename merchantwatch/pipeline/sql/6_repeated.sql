{#- The hashes that several rows have; most lines occur once. `twice` is true if one export has the hash
    several times: there are more rows than distinct exports, which are counted as bits of a number. With
    more than 62 exports some share a bit, so that `twice` may be true too often, but never too rarely.
    With `among`, only the hashes of that relation are looked at. -#}
select line_hash, count(*) > bit_count(bit_or(cast(1 as bigint) << (source % 62))) as twice
from {% include '6_identified.sql' %} as identified
{%- if among %}
where line_hash in (select line_hash from {{ among }})
{%- endif %}
group by line_hash
having count(*) > 1
