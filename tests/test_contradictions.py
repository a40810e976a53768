"""What contradicts itself in a rule: each contradiction is named, and what lies beside it is none."""

import re

import msgspec
import pytest

from merchantwatch.rules.model import Rule
from merchantwatch.rules.texts import slots

TEXT = {"zh": "规则", "en": "a rule"}
SLOT = {"zh": "{tracking_no} 查件", "en": "trace {tracking_no}"}
PLAIN = {"when": "true", "at_least": 1}
CLOCK = {"applies": "true", "due": "promised_ship_at", "done": "shipped_at", "at_least": 1}
SHARE = {"when": "true", "of": "true", "day": "paid_at", "share_more_than": 0.3}
DAILY = {**CLOCK, "day": "paid_at", "per": "shop-day"}
SIGNAL = {"when": "true", "risk": 0.3}
LATER = [{"from": "2026-01-01"}, {"from": "2026-01-02"}]
MONEY = {"tiers": [{"fixed": 5}]}


def rule(fields, **more):
    """A rule that says these things; None takes one away."""
    table = {"code": "MY101", "name": "mine", "title": TEXT, "action": TEXT, **fields, **more}
    return msgspec.convert({k: v for k, v in table.items() if v is not None}, Rule, strict=False)


@pytest.mark.parametrize(
    "fields",
    [
        PLAIN, CLOCK, SHARE, DAILY, SIGNAL,
        {**PLAIN, "reason": TEXT}, {**PLAIN, "by": "shipped_at", "action_done": TEXT}, {**PLAIN, "action": SLOT},
        {**CLOCK, "action_done": TEXT, "daily": True}, {**PLAIN, "per": "product"},
        {**CLOCK, "done": None, "while_open": True},
        {**CLOCK, "again_every": "24 hours", "cap": 3, "penalty": {**MONEY, "each": "strike"}},
        {**CLOCK, "near_before": "24 hours", "start": "paid_at", "near_after": "1 hours"},
        {**CLOCK, "window": "30 days"}, {**PLAIN, "day": "paid_at", "window_days": 30},
        {**SHARE, "share_near": 0.2, "min_volume": 5},
        {**DAILY, "per": "shop-month", "day": CLOCK["due"]}, {**PLAIN, "per": "shop-month", "day": "paid_at"},
        {**DAILY, "running": 2}, {**DAILY, "forecast": True}, {**CLOCK, "day": "paid_at", "days": "2 of 3", "per": "shop", "forecast": True},
        {**CLOCK, "day": "paid_at", "days": "2 of 3", "per": "shop", "one_day": {"at_least": 9}},
        {**DAILY, "in_force": [{"from": "2026-01-01", "at_least": 2}]}, {**CLOCK, "day": "paid_at", "in_force": LATER},
        {**SIGNAL, "group": "late"}, {**CLOCK, "task": "ship", "loses_amount": True},
        {**CLOCK, "at_least": None, "risk": [["0 hours", 0.2], ["96 hours", 0.5]]},
    ],
)  # fmt: skip
def test_what_fits_together_is_taken(fields):
    assert rule(fields).code == "MY101"


@pytest.mark.parametrize(
    ("base", "fields", "fault"),
    [
        (PLAIN, {"when": None}, "needs either a clock"),
        (CLOCK, {"when": "true"}, "needs either a clock"),
        (CLOCK, {"due": None, "when": "true"}, "done, start and while_open belong to a clock"),
        (CLOCK, {"done": None}, "a clock needs done, or while_open"),
        *((PLAIN, fields, "done, start and while_open belong to a clock") for fields in ({"done": "shipped_at"}, {"start": "paid_at", "near_after": "1 hours"}, {"while_open": True}, {"applies": "true"})),
        (CLOCK, {"again_every": "24 hours"}, "again_every and cap go together"),
        (CLOCK, {"cap": 3}, "again_every and cap go together"),
        (PLAIN, {"again_every": "24 hours", "cap": 3}, "again_every and cap go together"),
        (PLAIN, {"near_before": "24 hours"}, "near_before and near_after belong to a clock"),
        (PLAIN, {"near_after": "24 hours"}, "near_before and near_after belong to a clock"),
        (CLOCK, {"near_after": "24 hours"}, "near_after needs start"),
        (CLOCK, {"start": "paid_at"}, "near_after needs start"),
        (CLOCK, {"window": "30 days", "window_days": 30}, "window and window_days say the same"),
        (PLAIN, {"window": "30 days"}, "a window needs a clock or a day"),
        (PLAIN, {"more_than": 3}, "at_least and more_than exclude each other"),
        (SHARE, {"share_at_least": 0.3}, "share_at_least and share_more_than exclude each other"),
        (SHARE, {"share_more_than": 1}, "a share lies between 0 and 1"),
        (SHARE, {"share_near": 0}, "a share lies between 0 and 1"),
        (PLAIN, {"daily": True}, "daily belongs to a clock"),
        *((base, fields, "reason and by belong to a plain when on a line") for base in (CLOCK, {**PLAIN, "per": "product"}) for fields in ({"reason": TEXT}, {"by": "shipped_at"})),
        (PLAIN, {"action_done": TEXT}, "action_done belongs to a clock, or to by"),
        ({**PLAIN, "per": "product"}, {"action": SLOT}, "fields can be shown of a line alone"),
        (SHARE, {"of": None}, "a share needs of and day"),
        (SHARE, {"day": None}, "a share needs of and day"),
        (PLAIN, {"of": "true"}, "a share needs of and day"),
        (PLAIN, {"share_near": 0.2}, "share_near and min_volume belong to a share"),
        (PLAIN, {"min_volume": 5}, "share_near and min_volume belong to a share"),
        (PLAIN, {"at_least": None}, "a rule needs at_least, more_than or a share, a signal needs risk"),
        *((base, {"risk": 0.3}, "a rule needs at_least, more_than or a share, a signal needs risk") for base in (PLAIN, {**PLAIN, "at_least": None, "more_than": 1}, SHARE)),
        (CLOCK, {"per": "shop-day"}, "a scope by day needs day"),
        (CLOCK, {"per": "shop-month"}, "a scope by month needs day, that of a clock its due"),
        (CLOCK, {"per": "shop-month", "day": "paid_at"}, "a scope by month needs day, that of a clock its due"),
        (PLAIN, {"per": "shop-month"}, "a scope by month needs day, that of a clock its due"),
        (CLOCK, {"day": CLOCK["due"], "per": "shop-month", "days": "2 of 3"}, "days belongs to another scope than a day's, and needs day"),
        (CLOCK, {"day": "paid_at", "running": 2}, "running belongs to a scope by day"),
        (DAILY, {"days": "2 of 3"}, "days belongs to another scope than a day's, and needs day"),
        (CLOCK, {"days": "2 of 3", "per": "shop"}, "days belongs to another scope than a day's, and needs day"),
        (CLOCK, {"one_day": {"at_least": 9}}, "one_day belongs to days"),
        (CLOCK, {"forecast": True}, "a forecast belongs to a clock with a day"),
        (CLOCK, {"forecast": True, "day": "paid_at"}, "a forecast belongs to a clock with a day"),
        (PLAIN, {"forecast": True, "day": "paid_at", "per": "shop-day"}, "a forecast belongs to a clock with a day"),
        (CLOCK, {"day": "paid_at", "in_force": [{"from": "2026-01-01", "at_least": 2}]}, "a version may state a limit again only"),
        (CLOCK, {"in_force": LATER}, "in_force needs day"),
        (CLOCK, {"day": "paid_at", "in_force": [*LATER, LATER[1]]}, "the versions in in_force must stand from the oldest to the newest"),
        (CLOCK, {"day": "paid_at", "in_force": LATER[::-1]}, "the versions in in_force must stand from the oldest to the newest"),
        (PLAIN, {"group": "late"}, "group belongs to a signal"),
        (SIGNAL, {"task": "ship"}, "task belongs to a rule, not to a signal"),
        (PLAIN, {"task": "ship", "loses_amount": True}, "loses_amount belongs to a clock with a task"),
        (CLOCK, {"loses_amount": True}, "loses_amount belongs to a clock with a task"),
        (SIGNAL, {"risk": [["0 hours", 0.2]]}, "a graded risk belongs to a clock"),
        *(({**CLOCK, "at_least": None}, {"risk": grades}, "the grades of a risk rise from '0 hours'") for grades in (
            [["1 hours", 0.2]], [["0 hours", 0.2], ["0 hours", 0.3]], [["0 hours", 0.2], ["1 hours", 0.2]], [["0 hours", 0.3], ["1 hours", 0.2]],
        )),
        (SIGNAL, {"penalty": MONEY}, "penalty belongs to a rule, not to a signal"),
        (CLOCK, {"penalty": {**MONEY, "each": "strike"}}, "a penalty for each strike needs a clock that strikes again"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_named(base, fields, fault):
    with pytest.raises(msgspec.ValidationError, match=f"^MY101: {re.escape(fault)}"):
        rule(base, **fields)


def test_a_text_shows_fields_and_what_lies_between_two_of_them():
    text = "{tracking_no}: {due}, {left}, {others}, {delivered_at-shipped_at}, {other_cases}"
    assert slots(text) == [("tracking_no", ""), ("delivered_at", "shipped_at")]
