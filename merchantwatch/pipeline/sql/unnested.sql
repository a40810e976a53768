{#- The verdicts of rules on a line, where they have any: the first, of no rule, lends its types. -#}
{%- macro verdicts(rules) -%}
unnest(list_filter([
            case when false then struct_pack(code := '', state := 0, due_at := cast(null as timestamp)) end
            {%- for rule in rules %},
            case when {{ rule.test }} then struct_pack(code := '{{ rule.code }}', state := {{ rule.code }}_state, due_at := {{ rule.due }}) end
            {%- endfor %}
        ], lambda one: one is not null)) as verdict
{%- endmacro -%}
