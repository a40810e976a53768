"""What a merchant may be exempt from: orders, products or shops, of some rules, of some days."""

from datetime import datetime

from hypothesis import strategies as st
from oracle import Exemption

from worlds.moments import DAY, HOUR, SECOND

NAMED = (
    {"order": "O0001"},
    {"order": "L0003"},
    {"order": "N0003"},
    {"order": "N0001"},
    {"product": "P1"},
    {"shop": "甲店"},
    {"shop": "丙店"},
    {"product": "P1", "shop": "甲店"},
)
RULES = ("", "", "DY1", "DY3", "DY101 DY2", "TM TB TG", "PD TK AM", "DY4 TT", "IR1", "IR900")


@st.composite
def exempted(draw: st.DrawFn, as_of: datetime) -> tuple[Exemption, ...]:
    """Nothing in most worlds; else a row or two that lift hits or move deadlines, not all of them approved."""
    days = ({}, {"counted_by": "paid", "first": as_of - 10 * DAY, "last": as_of - 2 * DAY})
    moves = (
        {},
        {},
        {"extended_to": as_of + draw(st.sampled_from((-DAY, -SECOND, 0 * DAY, SECOND, 3 * DAY)))},
    )
    moves += ({"extend_by": draw(st.sampled_from((24, 48, 72, 120))) * HOUR},)
    days += ({"counted_by": "created", "last": as_of - 4 * DAY},)
    return tuple(
        Exemption(
            **draw(st.sampled_from(NAMED)),
            **draw(st.sampled_from(days)),
            **draw(st.sampled_from(moves)),
            rules=draw(st.sampled_from(RULES)),
            approved=draw(st.sampled_from((True, True, True, False))),
        )
        for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2))))
    )
