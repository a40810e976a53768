{#- Words that no format knows, the commonest first. -#}
select {{ field }}_text as word, count(*) as lines
from ({{ rows }}) as rows
where {{ field }}_text is not null
group by word
order by lines desc, word
limit 10
