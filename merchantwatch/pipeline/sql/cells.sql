{#- How a cell becomes a value. `f` are the parameters of a field, as `cell_macros.py` and `exports.py`
    give them: in which column it is, of which kind, and what is known of the column's cells. -#}
{%- import 'moments.sql' as moments with context -%}
{%- import 'amounts.sql' as amounts with context -%}

{%- set totals = ['合计', '总计', '小计', '汇总', '合計', '總計', '小計', '本页合计', '本页小计', 'total', 'totals', 'subtotal', 'grandtotal'] -%}

{#- The cell as clean text, or unchanged where its column has the right type already. -#}
{%- macro cleaned(f) -%}
{%- if f.native == 'zoned' and f.zeros -%}
    case when {{ f.column }} not in ({{ f.zeros }}) then {{ f.column }} end
{%- elif f.native in ('time', 'day') and f.zeros -%}
    {#- Cast, since a timestamp in nanoseconds cannot hold the years of these zeros. -#}
    case when cast({{ f.column }} as timestamp) not in ({{ f.zeros }}) then {{ f.column }} end
{%- elif f.native in ('time', 'day', 'zoned', 'number', 'flag') -%}
    {{ f.column }}
{%- else -%}
    {%- set text -%}
        {%- if f.native == 'float' -%}
            case when {{ f.column }} = floor({{ f.column }}) and abs({{ f.column }}) < 9007199254740992
                then cast(cast({{ f.column }} as bigint) as varchar)
                else cast({{ f.column }} as varchar) end
        {%- elif f.native == 'decimal' -%}
            case when {{ f.column }} = floor({{ f.column }})
                then cast(floor({{ f.column }}) as varchar) else cast({{ f.column }} as varchar) end
        {%- elif f.native == 'other' -%} cast({{ f.column }} as varchar)
        {%- elif f.take == 'before_last' -%}
            case when contains({{ f.column }}, {{ f.at }})
                then left({{ f.column }}, length({{ f.column }}) - strpos(reverse({{ f.column }}), {{ f.at }}))
                else {{ f.column }} end
        {%- elif f.take == 'after_last' -%}
            case when contains({{ f.column }}, {{ f.at }})
                then right({{ f.column }}, strpos(reverse({{ f.column }}), {{ f.at }}) - 1) end
        {%- elif f.take == 'named' -%}
            nullif(split_part(split_part('|' || {{ f.column }}, '|' || {{ f.at }} || ':', 2), '|', 1), '')
        {%- elif f.kind == 'id' and f.native == 'text' and not f.sound -%} {{ as_it_was(f.column) }}
        {%- else -%} {{ f.column }}
        {%- endif -%}
    {%- endset -%}
    {{ moments.cleaned(f, text) if f.nothing else text }}
{%- endif -%}
{%- endmacro -%}

{#- An id as it was before a spreadsheet or an input method changed it: `69…512.0`, `６９…`. Its length in
    bytes shows at once whether it has a full-width character, which nearly no id has. -#}
{%- macro as_it_was(cell) -%}
    case when bit_length({{ cell }}) <> 8 * length({{ cell }}) then translate({{ cell }}, '０１２３４５６７８９', '0123456789')
        when {{ cell }} like '%.0' and regexp_full_match({{ cell }}, '\d+\.0') then left({{ cell }}, length({{ cell }}) - 2)
        else {{ cell }} end
{%- endmacro -%}

{#- A clean cell as a value of the field's kind; null where it cannot be one. -#}
{%- macro typed(f) -%}
{%- set cell = f.name ~ '_cell' -%}
{%- if f.kind == 'time' -%}
    {{ moments.moment(f) if f.sound else moments.within_reach(f) }}
{%- elif f.kind == 'money' -%}
    cast({{ amounts.number(f) }} as decimal(18, 2))
{%- elif f.kind == 'number' -%}
    {#- A cast would round 1.5 pieces to two, where they are unknown. -#}
    {%- set number = amounts.number(f) -%}
    case when {{ number }} = floor({{ number }}) then try_cast({{ number }} as bigint) end
{%- elif f.kind == 'flag' -%}
    {{ cell if f.native == 'flag' else flag(f, cell) }}
{%- elif f.kind == 'word' and not f.words -%}
    {{ looked_up(cell, f.others) if f.others else 'cast(null as varchar)' }}
{%- elif f.kind == 'word' -%}
    {#- Null first, since nearly all cells of some columns are null. #}
    case when {{ cell }} is null then null
    {%- for word, canonical in f.words %} when {{ cell }} = {{ word }} then {{ canonical }}{% endfor %}
    {%- if f.others %} else {{ looked_up(cell, f.others) }}{% endif %} end
{%- else -%}
    {{ cell }}
{%- endif -%}
{%- endmacro -%}

{#- The meaning, by the dictionary, of a word that this format does not list, once case, blanks and width
    are normalised. Changing the width is slow, so only cells with wide characters are translated. #}
{%- macro looked_up(cell, others) -%}
map(string_split({{ others.words }}, {{ others.sign }}), string_split({{ others.meanings }}, {{ others.sign }}))[
        case when regexp_matches({{ cell }}, {{ others.wide }}) then translate(lower({{ cell }}), {{ others.from }}, {{ others.to }})
            else replace(lower({{ cell }}), ' ', '') end]
{%- endmacro -%}

{%- macro flag(f, cell) -%}
case {%- for word, meaning in f.words %} when {{ cell }} = {{ word }} then {{ meaning }}{% endfor %} when lower({{ cell }}) in ('1', 'true', 'yes', 'y', 't', '是', '有') then true
    when {{ cell }} is null or lower({{ cell }}) in ('0', 'false', 'no', 'n', 'f', '否', '无', '没有') then false
    when {{ shortage(cell) }} then true end
{%- endmacro -%}

{#- Whether a text mentions a shortage without denying it. -#}
{%- macro shortage(cell) -%}
regexp_matches(regexp_replace({{ cell }}, {{ stock_words }}, '', 'g'), {{ shortage_words }})
{%- endmacro -%}

{#- What is wrong with the cell of an id or a time, tested in this order. An id of digits alone can only
    be cut short; a sound moment needs no test. -#}
{%- macro faults(f) -%}
{%- set cell = f.name ~ '_cell' -%}
{%- if f.sound %}
    {%- if f.cut %}
        when regexp_full_match({{ cell }}, '\d{15}0+') then {{ fault(f, 'DQ104') }}
    {%- endif %}
{%- elif f.kind == 'time' %}
        when {{ cell }} is not null and {{ f.name }} is null then {{ moments.fault(f) }} || ' {{ f.name }} ' || coalesce(cast({{ cell }} as varchar), '')
{%- elif f.kind == 'id' %}
    {%- if f.required %}
        when {{ cell }} is null then case when {{ totals_beside(f) }} or {{ only_numbers(f) }} then {{ fault(f, 'DQ306') }} else {{ fault(f, 'DQ101') }} end
        {{ no_row(f, cell) }}
    {%- endif %}
        when (contains({{ cell }}, 'E+') or contains({{ cell }}, 'e+')) and regexp_matches({{ cell }}, '(^|[,;])\s*-?\d+(\.\d+)?[eE]\+\d+\s*($|[,;])')
            then {{ fault(f, 'DQ102') }}
    {%- if f.blank_with %}
        when {{ cell }} is null{% for name in f.blank_with %} and {{ name }}_cell is null{% endfor %} then {{ fault(f, 'DQ107') }}
    {%- endif %}
    {%- if f.cut %}
        when regexp_full_match({{ cell }}, '\d{15}0+') then {{ fault(f, 'DQ104') }}
    {%- endif %}
    {%- if f.several %}
        when contains({{ cell }}, {{ f.several }}) then {{ fault(f, 'DQ103') }}
    {%- endif %}
{%- endif -%}
{%- endmacro -%}

{#- A row that a word marks as having its lines in other rows. #}
{%- macro no_line(f, words) %}
        when {{ f.name }}_cell in ({{ words | join(', ') }}) then {{ fault(f, 'DQ309') }}
{%- endmacro -%}

{#- A row that is no record: a repeated header, a total, an explanation, zero bytes. Ids nearly always
    begin with a digit, so that for most rows a look at the first character is enough. -#}
{%- macro no_row(f, cell) -%}
        when ({{ cell }} < '0' or {{ cell }} >= ':') and {{ cell }} in ({{ f.headers | join(', ') }}) then {{ fault(f, 'DQ303') }}
        when ({{ cell }} < '0' or {{ cell }} >= ':') and {{ is_total(cell) }} then {{ fault(f, 'DQ306') }}
        when source_row = {{ f.first_row }} and regexp_matches({{ cell }}, '[^A-Za-z0-9_.#-]') and not regexp_matches({{ cell }}, '[0-9]')
            then {{ fault(f, 'DQ304') }}
        when contains({{ cell }}, chr(0)) then {{ fault(f, 'DQ105') }}
{%- endmacro -%}

{%- macro is_total(cell) -%}
lower(rtrim(replace({{ cell }}, ' ', ''), ':：')) in ('{{ totals | join("', '") }}')
{%- endmacro -%}

{#- Whether another text cell of the row says that it is a total. -#}
{%- macro totals_beside(f) -%}
    {%- set others -%}
        {%- for other in fields if other.name != f.name and other.kind in ('id', 'text', 'word') and other.native == 'text' -%}
        , {{ other.name }}_cell
        {%- endfor -%}
    {%- endset -%}
    regexp_matches(replace(concat_ws(chr(31), ''{{ others }}), ' ', ''), '(?i)\x1F({{ totals | join('|') }})[:：]*(\x1F|$)')
{%- endmacro -%}

{#- Whether a row holds nothing but numbers: a total without a label. -#}
{%- macro only_numbers(f) -%}
    {%- set numbers = fields | selectattr('kind', 'in', ('money', 'number')) | map(attribute='name') | list -%}
    {%- set others = fields | rejectattr('kind', 'in', ('money', 'number')) | rejectattr('name', 'equalto', f.name) | map(attribute='name') | list -%}
    {%- if numbers -%}
    (({{ numbers | join('_cell is not null or ') }}_cell is not null)
        {%- for name in others %} and {{ name }}_cell is null{% endfor %})
    {%- else -%} false
    {%- endif -%}
{%- endmacro -%}

{%- macro fault(f, reason) -%}
'{{ reason }} {{ f.name }} ' || coalesce(cast({{ f.name }}_cell as varchar), '')
{%- endmacro -%}
