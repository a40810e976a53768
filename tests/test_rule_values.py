"""What stands around a rule: bounds of its values, routes of parcels, what exemptions and suppressions name."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from merchantwatch.errors import UsageError
from merchantwatch.rules import Penalty, Tier, bounds, built_in, covers, routes
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


def _paid(penalty, whens, *amounts, of="amount"):
    """What a penalty takes of amounts; ``soon`` is true of those that end in .50."""
    line = f"select paid as {of}, paid % 1 = 0.5 as soon from (select $1::decimal(18, 2) as paid)"
    query = f"select {penalty.sql(whens)} from ({line})"
    return [duckdb.execute(query, [amount]).fetchone()[0] for amount in amounts]


def _money(*values):
    return [None if value is None else Decimal(value) for value in values]


def test_a_share_is_rounded_before_it_is_bounded():
    share = Penalty(
        [Tier(percent=Decimal(1), minimum=Decimal(2), maximum=Decimal(50))], round_to="yuan"
    )
    amounts = ("149.99", "150", "249.99", "250", "4949.99", "4950", "5050", "99999", None)
    assert _paid(share, {}, *amounts) == _money("2", "2", "2", "3", "49", "50", "50", "50", None)
    cents = Penalty([Tier(percent=Decimal("0.5"))])
    assert _paid(cents, {}, "0.99", "1.00", "3.00") == _money("0.00", "0.01", "0.02")


def test_the_first_tier_that_fits_counts():
    tiers = [
        Tier(fixed=Decimal(0), up_to=Decimal(3)),
        Tier(fixed=Decimal(7), when="soon"),
        Tier(fixed=Decimal(3), up_to=Decimal("299.99")),
        Tier(percent=Decimal(1), maximum=Decimal(30)),
    ]
    amounts = ("3", "3.01", "2.50", "5.50", "299.99", "300", "400.50", "3001", None)
    wanted = _money("0", "3", "0", "7", "3", "3", "7", "30", None)
    assert _paid(Penalty(tiers), {1: "soon"}, *amounts) == wanted
    assert list(Penalty(tiers).whens) == [(1, "soon")]
    assert _paid(Penalty(tiers[:1]), {}, "3", "4") == _money("0", None), "the rest is unknown"
    assert _paid(Penalty([Tier(fixed=Decimal(10))]), {}, None) == _money("10"), "whatever was paid"
    refunded = Penalty([Tier(percent=Decimal(10))], of="refund_amount")
    assert _paid(refunded, {}, "50", of="refund_amount") == _money("5")


def test_what_an_earlier_clause_has_taken_is_not_taken_again():
    first = Tier(percent=Decimal(5), minimum=Decimal(5), maximum=Decimal(50))
    both = Penalty(
        [Tier(percent=Decimal(20), minimum=Decimal(5), maximum=Decimal(100))], beyond=first
    )
    assert _paid(both, {}, "10", "25", "300", "2000") == _money("0", "0", "45", "50")


def test_the_most_for_a_day_is_that_of_the_tier():
    tiers = [
        Tier(percent=Decimal(1), when="soon", buyer_day=Decimal(100)),
        Tier(percent=Decimal(5)),
    ]
    of_all = Penalty(tiers, buyer_day=Decimal(500)).buyer_day_sql({0: "soon"})
    some = Penalty(tiers).buyer_day_sql({0: "soon"})
    said = [
        duckdb.execute(f"select {sql} from (select {soon} as soon)").fetchone()[0]
        for sql in (of_all, some)
        for soon in ("true", "false")
    ]
    assert said == _money("100", "500", "100", None)
    assert Penalty(tiers[1:]).buyer_day_sql({}) is None


TIER = {"percent": Decimal(1)}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "either a percent or a fixed sum"), ({"percent": Decimal(1), "fixed": Decimal(1)}, "either"),
        ({"fixed": Decimal(1), "minimum": Decimal(1)}, "belong to a percent"),
        ({"fixed": Decimal(1), "maximum": Decimal(1)}, "belong to a percent"),
        ({"percent": Decimal("-0.01")}, "between 0 and 10,000,000"), ({"fixed": Decimal(10_000_001)}, "between"),
        (TIER | {"minimum": Decimal(-1)}, "between"), (TIER | {"maximum": Decimal(-1)}, "between"),
        (TIER | {"up_to": Decimal(-1)}, "between"), (TIER | {"buyer_day": Decimal(-1)}, "between"),
    ],
)  # fmt: skip
def test_a_tier_that_says_nothing_or_too_much(given, reason):
    with pytest.raises(ValueError, match=reason):
        Tier(**given)


def test_a_penalty_that_cannot_be():
    last, bounded = Tier(**TIER), Tier(**TIER, up_to=Decimal(10_000_000))
    assert Penalty(
        [bounded, Tier(fixed=Decimal(0), when="soon"), last],
        buyer_day=Decimal(0),
        caps={"shop-day": Decimal(10_000_000)},
    )
    with pytest.raises(ValueError, match="must be the last"):
        Penalty([last, bounded])
    with pytest.raises(ValueError, match="beyond is what a clause takes of every line"):
        Penalty([last], beyond=bounded)
    for wrong in ({"buyer_day": Decimal(-1)}, {"caps": {"shop-day": Decimal(10_000_001)}}):
        with pytest.raises(ValueError, match="the caps of a penalty lie between 0 and 10,000,000"):
            Penalty([last], **wrong)
