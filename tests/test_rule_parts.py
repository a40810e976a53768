"""The parts of a rule by themselves: what a penalty takes, spans, sources, bounds of values, texts."""

from datetime import timedelta
from decimal import Decimal

import duckdb
import msgspec
import pytest

from merchantwatch.language.text import Text
from merchantwatch.rules import Penalty, Rule, Source, Tier, filled, span_of, span_sql


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
    found = [
        duckdb.execute(f"select {sql} from (select {soon} as soon)").fetchone()[0]
        for sql in (of_all, some)
        for soon in ("true", "false")
    ]
    assert found == _money("100", "500", "100", None)
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


def test_spans_are_intervals_and_lengths_of_time():
    assert span_sql("24 hours") == "interval '24' hour"
    assert span_sql("1 day") == "interval '1' day"
    assert (span_of("90 minutes"), span_of("1 second")) == (
        timedelta(minutes=90),
        timedelta(seconds=1),
    )
    with pytest.raises(ValueError, match="no span of time, write it like '24 hours'"):
        span_sql("a week")


def test_where_a_number_was_read_and_what_stands_beside_it():
    alone = Source(clause="c", where="page 1", confidence="official")
    beside = msgspec.structs.replace(alone, beside=Text(zh="今天", en="today"))
    assert alone.place == Text(zh="page 1", en="page 1")
    assert beside.place == Text(zh="page 1；今天", en="page 1; today")


@pytest.mark.parametrize(
    ("values", "is_right"),
    [
        ({"code": "A" * 19 + "1"}, True), ({"code": "A" * 20 + "1"}, False),
        ({"when": ""}, False), ({"when": "true" + " " * 3996}, True), ({"when": "true" + " " * 3997}, False),
        ({"at_least": 1}, True), ({"at_least": 0}, False), ({"at_least": None, "more_than": 0}, True),
        ({"at_least": None, "more_than": -1}, False), ({"near": 0}, False),
        ({"at_least": None, "risk": 0.0}, False), ({"at_least": None, "risk": 0.99}, True),
        ({"at_least": None, "risk": 1.0}, False), ({"counted": {"a_day": 1, "a_week": 1}}, True),
        ({"counted": {"a_day": 0, "a_week": 1}}, False), ({"counted": {"a_day": 1, "a_week": 0}}, False),
        ({"unheard_of": 1}, False),
    ],
)  # fmt: skip
def test_values_of_a_rule_within_and_beyond_their_bounds(values, is_right):
    plain = {
        "code": "ZZ1",
        "name": "z",
        "title": {"zh": "一", "en": "one"},
        "when": "true",
        "at_least": 1,
    } | values
    given = {name: value for name, value in plain.items() if value is not None}
    if is_right:
        assert msgspec.convert(given, Rule).code == given["code"]
    else:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(given, Rule)


def test_texts_are_filled_and_an_unknown_value_is_a_dash():
    text = Text(zh="{amount} 和 {due}", en="{amount} and {due}")
    assert filled(text, {"amount": Text(zh="一", en="1")}) == Text(zh="一 和 -", en="1 and -")


def test_a_rule_shows_what_its_texts_ask_for():
    action = {"zh": "查 {others}", "en": "see {others}"}
    plain = {"code": "ZZ1", "name": "z", "title": action, "when": "true", "at_least": 1}
    rule = msgspec.convert(plain | {"action": action}, Rule)
    assert (rule.has_slot("others"), rule.has_slot("other_cases"), rule.shown) == (
        True,
        False,
        {"tracking_no"},
    )
    assert msgspec.convert(plain, Rule).shown == frozenset()
