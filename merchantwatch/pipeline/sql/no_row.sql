{#- Columns of these types, and no row. The type of a hash differs between engines: it is that of any hash. -#}
select
    {%- for name, kind in columns.items() %}
    {{ 'hash(0)' if kind == hash else 'cast(null as ' ~ kind ~ ')' }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
limit 0
