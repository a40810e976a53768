{#- A deadline as an exemption moves it: to a moment, though never to an earlier one, or by a length of time. -#}
case
    when moved_to is not null then greatest({{ due }}, moved_to)
    when moved_by is not null then {{ due }} + interval '1' second * moved_by
    else {{ due }}
end
