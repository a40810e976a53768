{#- How a cell of text becomes an amount; null where it is unclear, never another number. Amounts are
    below 10^12, so that products and sums stay within their types. -#}

{#- Nearly all cells are digits with two decimals at most, perhaps with commas between thousands. Only
    other cells are rewritten as signs|number|currency, which is slow. -#}
{%- macro number(f) -%}
{%- set cell = f.name ~ '_cell' -%}
{%- if f.native == 'number' and f.rough -%}
    case when abs({{ cell }} - round({{ cell }}, 2)) < 0.000001 then try_cast({{ cell }} as decimal(14, 2)) end
{%- elif f.native == 'number' -%}
    try_cast({{ cell }} as decimal(14, 2))
{%- else -%}
    coalesce(
        case when {{ cell }} not like '%,%' and {{ cell }} not like {{ "'%.%'" if f.decimal == 'comma' else "'%.___%'" }} then try_cast(({{ cell }}) as decimal(14, 2)) end
        {%- if f.decimal not in ('comma', 'mixed') %}
        , case when regexp_full_match({{ cell }}, '\d{1,3}(,\d{3})+([.]\d\d?)?') then try_cast(replace({{ cell }}, ',', '') as decimal(14, 2)) end
        {%- endif %}
        {%- if f.odd %}
        ,        case when regexp_full_match(lower({{ cell }}), {{ amount.pattern }}) then {{ value(f, "split_part(" ~ spelled(cell) ~ ", '|', 2)", "split_part(" ~ spelled(cell) ~ ", '|', 1)") }} end
        {%- endif %}
    )
{%- endif -%}
{%- endmacro -%}

{%- macro spelled(cell) -%} regexp_replace(lower({{ cell }}), {{ amount.whole }}, '{{ amount.parts }}') {%- endmacro -%}

{#- The number of a rewritten cell. Where the cells of a column contradict each other ('mixed' decimals),
    only cells count that mean the same whether the comma or the point is the decimal sign. -#}
{%- macro value(f, digits, signs) -%}
{%- set plain = "translate(" ~ digits ~ ", " ~ (amount.between_comma if f.decimal == 'comma' else amount.between_point) ~ ", '')" -%}
case when regexp_full_match({{ digits }}, {{ amount.comma if f.decimal == 'comma' else amount.point }})
        {%- if f.decimal == 'mixed' %} and (regexp_full_match({{ digits }}, '\d+|.*[.]\d\d?') or not regexp_full_match({{ digits }}, {{ amount.thousands }})){% endif %}
            then case {{ signs }} when '' then 1 when '+' then 1 when '-' then -1 when '()' then -1 end
                * try_cast({{ "replace(" ~ plain ~ ", ',', '.')" if f.decimal == 'comma' else plain }} as decimal(14, 2)) end
{%- endmacro -%}
