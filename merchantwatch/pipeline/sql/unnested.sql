{#- The verdicts of rules on a line, as one row each. The first entry is always null: it gives the list its
    types where there is no rule. -#}
{%- macro verdicts(rules) -%}
unnest(list_filter([
            case when false then struct_pack(code := '', state := 0, due_at := cast(null as timestamp)) end
            {%- for rule in rules %},
            case when {{ rule.test }} then struct_pack(code := '{{ rule.code }}', state := {{ rule.code }}_state, due_at := {{ rule.due }}) end
            {%- endfor %}
        ], lambda entry: entry is not null)) as verdict
{%- endmacro -%}
