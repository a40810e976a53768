{#- Words that no format knows, the most frequent first. -#}
select {{ field }}_text as word, count(*) as lines
from shown
where {{ field }}_unknown
group by word
order by lines desc, word
limit 10
