{#- What tells a line from others: two hashes of its id, 128 bits in all. -#}
{%- macro of(platform, line_id) -%}
hash({{ line_id }}, {{ platform }}) as line_hash,
    hash({{ line_id }} || ' ' || {{ platform }}) as line_check
{%- endmacro -%}
