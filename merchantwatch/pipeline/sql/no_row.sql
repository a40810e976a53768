{#- Columns of these types, and no row; of a hash it is the type of any. -#}
select
    {%- for name, kind in columns.items() %}
    {{ 'hash(0)' if kind == hash else 'cast(null as ' ~ kind ~ ')' }} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
limit 0
