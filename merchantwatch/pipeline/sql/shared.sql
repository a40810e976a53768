{#- Lines as they stood at as-of, with the expressions that several rules share, each computed once. -#}
(
        select
            *
            {%- for name, sql in shared.items() %},
            {{ sql }} as {{ name }}
            {%- endfor %}
        from (select *, {{ as_of }} as as_of from ({{ standing }}) as standing) as standing
    )
