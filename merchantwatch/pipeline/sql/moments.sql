{#- How a cell of text becomes a moment. The first shape that fits rewrites it (`NAME_spelled`), always in
    one order: day|half|clock|fraction|half|zone|offset, where a half is AM, PM, 上午 or 下午. `@` stands
    before seconds since 1970, `#` for a number of days as Excel counts them, `?` for an ambiguous day. -#}

{#- The cell, rewritten; null where it is written in full already (YYYY-MM-DD hh:mm:ss), or no shape fits. -#}
{%- macro spelled(f) -%}
{%- set cell = f.name ~ '_cell' -%}
{%- set small = 'lower(' ~ cell ~ ')' -%}
case
    {%- if not f.stated %} when {{ cell }} like '____-__-__ __:__:__' and {{ cell }} not like '% 24:%' then null{% endif %}
    {%- for shape in f.shapes %}
    when regexp_full_match({{ small }}, {{ shape.pattern }}) then {{ "'" ~ shape.spelled ~ "'" if shape.spelled in ('?', '#') else "regexp_replace(" ~ small ~ ", " ~ shape.whole ~ ", '" ~ shape.spelled ~ "')" }}
    {%- endfor %}
end
{%- endmacro -%}

{#- The cell; null where it holds no moment. -#}
{%- macro cleaned(f, text) -%}
case when not regexp_full_match(lower({{ text }}), {{ f.nothing }}) then {{ text }} end
{%- endmacro -%}

{%- macro moment(f) -%}
{%- set cell = f.name ~ '_cell' -%}
{%- if f.native == 'time' -%} cast({{ cell }} as timestamp)
{%- elif f.native == 'day' -%} cast({{ cell }} as timestamp){{ " + interval '86399' second" if f.ends }}
{%- elif f.native == 'zoned' -%} timezone({{ f.tz }}, {{ cell }})
{%- elif not f.shapes -%} case when {{ cell }} like '____-__-__ __:__:__' then try_cast({{ cell }} as timestamp) end
{%- else -%}
{%- set spelled = f.name ~ '_spelled' -%}
    case
        {%- if not f.stated %} when {{ cell }} like '____-__-__ __:__:__' and {{ cell }} not like '% 24:%' then try_cast({{ cell }} as timestamp){% endif %}
        {%- if f.counts_seconds %}
        when {{ spelled }} like '@%' then {{ in_zone(f, "(timestamp '1970-01-01 00:00:00' + interval '1' second * try_cast(substr(" ~ spelled ~ ", 2) as bigint))") }}
        {%- endif %}
        {%- if f.counts_days %}
        {%- if f.ends %}
        when {{ spelled }} = '#' and length({{ cell }}) = 5 then {{ days_of_excel(cell) }} + interval '86399' second
        {%- endif %}
        when {{ spelled }} = '#' then {{ days_of_excel(cell) }}
        {%- endif %}
        when {{ spelled }} like '%|%' then {{ put_together(f, spelled) }}
    end
{%- endif -%}
{%- endmacro -%}

{#- The moment, within the years that are read. -#}
{%- macro within_reach(f) -%}
case when {{ f.name }}_moment between timestamp '1970-01-01 00:00:00' and timestamp '2099-12-31 23:59:59' then {{ f.name }}_moment end
{%- endmacro -%}

{%- macro put_together(f, spelled) -%}
{%- set day = "split_part(" ~ spelled ~ ", '|', 1)" -%}
{%- set clock = "split_part(" ~ spelled ~ ", '|', 3)" -%}
{%- set half = "split_part(" ~ spelled ~ ", '|', 2) || split_part(" ~ spelled ~ ", '|', 5)" -%}
{%- set zone = "split_part(" ~ spelled ~ ", '|', 6)" -%}
{%- set offset = "replace(split_part(" ~ spelled ~ ", '|', 7), ':', '')" -%}
{%- if f.named -%}{%- set day = numbered(day) -%}{%- endif -%}
{%- set wall = on_the_clock(spelled, day, clock, half) -%}
case
            when {{ clock }} = '' then try_cast({{ day }} as timestamp){{ " + interval '86399' second" if f.ends }}
            when {{ zone }} = '' and {{ offset }} = '' then {{ wall }}
            else {{ in_zone(f, '(' ~ wall ~ " - interval '1' minute * " ~ utc_offset(zone, offset) ~ ')') }}
        end
{%- endmacro -%}

{#- The moment of a day and a clock; 24:00 and the halves of a day are understood. -#}
{%- macro on_the_clock(spelled, day, clock, half) -%}
{%- set hour = "try_cast(split_part(" ~ colons(clock) ~ ", ':', 1) as integer)" -%}
{%- set fraction = "split_part(" ~ spelled ~ ", '|', 4)" -%}
case
                when {{ hour }} = 24 then case when {{ half }} = '' and rtrim(replace({{ colons(clock) }}, ':', ''), '0') = '24' then try_cast({{ day }} as timestamp) + interval '24' hour end
                when {{ half }} <> '' and {{ hour }} not between 1 and 12 and not ({{ hour }} = 0 and {{ half }} like '上%' or {{ hour }} > 12 and {{ half }} like '下%') then null
                else try_cast({{ day }} || ' ' || {{ colons(clock) }} || case when {{ fraction }} = '' then '' else '.' || {{ fraction }} end as timestamp)
                    + interval '1' hour * case
                        when {{ half }} = '' then 0
                        when {{ half }} like 'p%' or {{ half }} like '下%' then case when {{ hour }} < 12 then 12 else 0 end
                        when {{ hour }} = 12 then -12
                        else 0 end
            end
{%- endmacro -%}

{%- macro colons(clock) -%} translate({{ clock }}, '时点分', ':::') {%- endmacro -%}

{#- The offset of a zone from UTC in minutes: a numeric offset counts, else that of the zone's name. -#}
{%- macro utc_offset(zone, offset) -%}
{%- set spelled = "case when " ~ offset ~ " = '' then substr(" ~ zones ~ ", strpos(" ~ zones ~ ", '|' || " ~ zone ~ " || '=') + length(" ~ zone ~ ") + 2, 5) else " ~ offset ~ " end" -%}
(60 * try_cast(case when length({{ offset }}) between 2 and 3 then {{ offset }} else left({{ spelled }}, length({{ spelled }}) - 2) end as integer)
                + case when length({{ offset }}) between 2 and 3 then 0 when {{ spelled }} like '-%' then -try_cast(right({{ spelled }}, 2) as integer) else try_cast(right({{ spelled }}, 2) as integer) end)
{%- endmacro -%}

{#- What the clocks of the platform showed at a moment of UTC. -#}
{%- macro in_zone(f, utc) -%}
timezone({{ f.tz }}, try_cast(cast({{ utc }} as varchar) || '+00:00' as timestamptz))
{%- endmacro -%}

{#- 2026-nov-18 with the month as a number. -#}
{%- macro numbered(day) -%}
{%- set name = "split_part(" ~ day ~ ", '-', 2)" -%}
split_part({{ day }}, '-', 1) || '-' || case when {{ name }} < 'a' then {{ name }} else substr({{ months }}, strpos({{ months }}, '|' || {{ name }} || '=') + length({{ name }}) + 2, 2) end || '-' || split_part({{ day }}, '-', 3)
{%- endmacro -%}

{#- 45982.3333: days and their fractions as Excel counts them, to the nearest second. -#}
{%- macro days_of_excel(cell) -%}
timestamp '1899-12-30 00:00:00' + interval '1' day * try_cast(left({{ cell }}, 5) as integer)
                + interval '1' second * cast(round(cast('0' || substr({{ cell }}, 6) as double) * 86400) as integer)
{%- endmacro -%}

{#- Whether the cell has a clock without seconds, or a number that is rounded to them. -#}
{%- macro without_seconds(f) -%}
{%- if f.shapes -%}
coalesce({{ f.name }}_spelled = '#' or ({{ f.name }}_spelled like '%|%' and {{ f.name }}_spelled not like '%|%|%:%:%|%' and {{ f.name }}_spelled not like '%分%' and split_part({{ f.name }}_spelled, '|', 3) <> ''), false)
{%- else -%} false {%- endif -%}
{%- endmacro -%}

{#- Why a cell is no moment: Excel has left only its minutes or its hours, there is no such day or hour,
    it is beyond the years that are read, day and month are ambiguous, or its zone has several meanings. -#}
{%- macro fault(f) -%}
{%- set cell = f.name ~ '_cell' -%}
{%- if f.native != 'text' -%} 'DQ205'
{%- else -%}
    {%- set in_full = cell ~ " like '____-__-__ __:__:__'" -%}
    {%- set read = f.name ~ '_moment is not null' -%}
    case when regexp_full_match({{ cell }}, '\d{1,2}:\d{2}\.\d+') then 'DQ202'
        when regexp_full_match({{ cell }}, '\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?') then 'DQ203'
        when {{ read }} then 'DQ205'
        {%- if f.shapes %}
        when {{ f.name }}_spelled = '?' then 'DQ206'
        when {{ f.name }}_spelled is not null then 'DQ204'
        {%- endif %}
        when {{ in_full }} and regexp_full_match({{ cell }}, '\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}') then 'DQ204'
        when regexp_matches({{ cell }}, '\d:\d{2}.*[ (](CST|IST|BST|AST|ECT|SST|GST|PKT|NST|ET|CT|MT|PT)\b') then 'DQ207'
        else 'DQ201' end
{%- endif -%}
{%- endmacro -%}
