"""What stands around a rule: bounds of its values, routes of parcels, what exemptions and suppressions name."""

from datetime import date, datetime

import duckdb
import pytest

from merchantwatch.errors import UsageError
from merchantwatch.rules import bounds, built_in, covers, routes
from merchantwatch.rules.clocks import changed, elapsed, moved
from merchantwatch.rules.exempting import with_exemptions
from merchantwatch.rules.exemption import Exemption
from merchantwatch.rules.suppressing import suppressible, with_suppressions
from merchantwatch.rules.suppression import Suppression


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (10**9, None), (10**9 + 1, "beyond all numbers"), (-(10**9) - 1, "beyond all numbers"),
        (-(10**9), None), (1e-9, None), (0.9e-9, "beyond all numbers"), (0, None), (0.0, None),
        (float("inf"), "no number"), (float("nan"), "no number"), (True, None),
        ("3660 days", None), ("3661 days", "longer than 3,660 days"), ("87840 hours", None),
        ("87841 hours", "longer"), ("5270400 minutes", None), ("5270401 minutes", "longer"),
        ("316224000 seconds", None), ("316224001 seconds", "longer"), ("9" * 5000 + " days", "longer"),
        ("0" * 5000 + "1 days", None), ("1 day", None), ("3661 months", None), ("a\0b", "NUL"), ("", None),
        ({"rule": [{"near": 2}, {"near": 10**10}]}, "rule.near: 10000000000 is beyond"),
        ({"again_every": "0 hours"}, "again_every: 0 hours is no time at all"),
        ({"rule": [{"window": "00 days"}]}, "rule.window: 00 days is no time"),
        ({"near_before": "0 hours"}, None), ([1, [2, "x\0"]], "NUL"), (None, None), ([], None),
        (date(2026, 1, 1), None),
    ],
)  # fmt: skip
def test_values_have_bounds(value, reason):
    found = bounds.fault(value)
    assert (found is None) if reason is None else (found is not None and reason in found)


DOUYIN = {
    ("浙江省", "上海市"): "within", ("浙江", "浙江省杭州市"): "within", ("浙江省杭州市", "浙江"): "within",
    ("北京", "天津"): "within", ("北京", "上海"): "between", ("广东", "浙江"): "between",
    ("海南省", "广东"): "far", ("广东", "甘肃"): "far", ("甘肃", None): "far", (None, "广东"): "far", (None, None): "far",
    ("广东", None): "between", ("香港", "广东"): "between",
}  # fmt: skip
ROUTES = {
    "douyin_route": DOUYIN,
    "taobao_route": {
        **DOUYIN,
        ("海南省", "广东"): "between",
        ("香港", "广东"): "outside",
        ("澳门", "新疆"): "outside",
        ("新疆", "广东"): "far",
    },
    "tmall_global_route": {
        ("浙江省", "上海市"): "between",
        ("浙江省", "浙江"): "within",
        ("青海", "广东"): "far",
        ("云南", "广东"): "between",
    },
}


@pytest.mark.parametrize("fact", ROUTES)
def test_the_route_of_a_parcel(fact):
    """Whither, whence: the longest limit that can apply, where an end is not known."""
    (route,) = (one for one in routes.routes() if one.fact == fact)
    query = (
        f"select {route.sql} from (select $1::varchar as province, $2::varchar as sender_province)"
    )
    ways = {ends: duckdb.execute(query, ends).fetchone()[0] for ends in ROUTES[fact]}
    assert ways == ROUTES[fact]


def test_a_text_names_a_province_or_none():
    named = [routes.province_named(text) for text in ("浙江省杭州市", "内蒙古自治区", "浙", "")]
    assert named == ["浙江", "内蒙古", None, None]


def _exemption(*rules):
    return Exemption(2, "洪水", approved=True, rules=rules)


def _codes_covered(*rules):
    return {b.code for b in built_in().rules if covers(_exemption(*rules), b, "IR900")}


def test_which_rules_an_exemption_is_for():
    every = {bound.code for bound in built_in().rules}
    signals = {bound.code for bound in built_in().signals}
    of_cases = {bound.code for bound in built_in().rules if bound.about_cases}
    assert _codes_covered() == every - signals - of_cases
    assert _codes_covered("dy10") == {code for code in every if code.startswith("DY10")}
    assert _codes_covered("late-shipment", "TB1") == {"DY101"} | {
        c for c in every if c[:3] == "TB1"
    }
    assert _codes_covered("ir900") == signals
    assert _codes_covered("IR101") == {"IR101"}
    assert _codes_covered("DY401") == {"DY401"}


def test_an_exemption_names_the_rule_that_is_not_there():
    book = built_in()
    assert with_exemptions(book, [_exemption("DY1", "IR900")], "a.csv").exemptions
    with pytest.raises(UsageError, match=r"a\.csv row 2, rule: DY9: no such rule"):
        with_exemptions(book, [_exemption("DY1", "DY9")], "a.csv")


def _suppression(rule):
    return Suppression(number=3, reason="r", until=date(2026, 11, 21), rule=rule)


def test_which_rules_a_suppression_is_for():
    book = built_in()
    rules = {bound.code for bound in book.rules if not bound.rule.is_signal} | {"IR900"}
    assert suppressible(book, None) == rules
    assert suppressible(book, "dy10") == {code for code in rules if code.startswith("DY10")}
    assert suppressible(book, "late-shipment") == {"DY101"}
    assert suppressible(book, "intervention-risk") == suppressible(book, "IR") == {"IR900"}
    for signal in ("IR101", "late-now", "ir1"):
        with pytest.raises(UsageError, match=r"x, entry 3, rule: .* is a signal .* write IR900"):
            with_suppressions(book, [_suppression(signal)], "x")
    with pytest.raises(UsageError, match="x, entry 3, rule: ZZ: no such rule"):
        with_suppressions(book, [_suppression("ZZ")], "x")
    assert with_suppressions(book, [_suppression("IR900"), _suppression(None)], "x").suppressions


def test_a_suppression_holds_through_its_last_day():
    days = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
    assert [_suppression(None).holds_on(day) for day in days] == [True, True, False]


@pytest.mark.parametrize(
    ("tz", "is_changed"),
    [("Asia/Shanghai", False), ("America/Los_Angeles", True), ("Australia/Sydney", True), ("Asia/Tokyo", False)],
)  # fmt: skip
def test_whose_clocks_are_changed(tz, is_changed):
    assert changed(tz) is is_changed


def test_hours_are_those_that_have_passed():
    """The clocks of Los Angeles are put back at two on 2026-11-01, and forward on 2026-03-08."""

    def hours(*moments):
        spent = elapsed(*map(datetime.fromisoformat, moments), "America/Los_Angeles")
        return spent.total_seconds() / 3600

    assert hours("2026-10-31 12:00", "2026-11-01 12:00") == 25
    assert hours("2026-03-07 12:00", "2026-03-08 12:00") == 23
    assert hours("2026-03-09 12:00", "2026-03-10 12:00") == 24
    assert moved("due", "INTERVAL '1' DAY", "Asia/Tokyo", "-") == "due - INTERVAL '1' DAY"
    assert "instant_of('Asia/Tokyo', due) + interval" in moved(
        "due", "interval '1' hour", "Asia/Tokyo", "+"
    )
