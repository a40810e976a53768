"""What a predicate gives, and what a rule says of itself: without any data."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import msgspec
import pytest

from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
from merchantwatch.rules import binding, changes
from merchantwatch.rules.book import Pack, PackHead, Risk, Rulebook
from merchantwatch.rules.exemption import Exemption
from merchantwatch.rules.kinds import ValueKind
from merchantwatch.rules.model import Limits, Rule, RuleVersion
from merchantwatch.rules.penalty import Penalty, Tier
from merchantwatch.rules.predicates import PredicateError, checked
from merchantwatch.rules.terms import Source

TEXT, NUMBER, MOMENT, SPAN, FLAG, NOTHING = ValueKind


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("carrier", TEXT), ("line_id", TEXT), ("status", TEXT), ("'a'", TEXT), ("lower(carrier)", TEXT), ("lower(null)", TEXT),
        ("amount", NUMBER), ("quantity", NUMBER), ("-quantity", NUMBER), ("amount + 1", NUMBER), ("amount - null", NUMBER),
        ("null + amount", NUMBER), ("hour(paid_at)", NUMBER), ("year(as_of)", NUMBER), ("greatest(amount, 1)", NUMBER),
        ("0", NUMBER), ("0.000001", NUMBER), ("999999999999999", NUMBER),
        ("paid_at", MOMENT), ("as_of", MOMENT), ("(paid_at)", MOMENT), ("timestamp '2026-01-01 00:00:00'", MOMENT),
        ("paid_at + interval '1' day", MOMENT), ("interval '1' day + paid_at", MOMENT), ("paid_at - interval '2' hour", MOMENT),
        ("coalesce(shipped_at, null, as_of)", MOMENT), ("coalesce(paid_at, '2026-01-01')", MOMENT),
        ("as_of - paid_at", SPAN), ("interval '1' day + interval '1' hour", SPAN), ("-(interval '1' day)", SPAN),
        ("interval '3660' day", SPAN), ("interval '10' years", SPAN), ("interval '522' week", SPAN), ("interval '1' second", SPAN),
        ("true", FLAG), ("out_of_stock", FLAG), ("not out_of_stock", FLAG), ("null and true", FLAG), ("amount > 1", FLAG),
        ("paid_at is null", FLAG), ("paid_at between '2026-01-01' and as_of", FLAG), ("status in ('closed', null)", FLAG),
        ("carrier like '%a'", FLAG), ("contains(carrier, 'a')", FLAG), ("as_of - paid_at > interval '1' day", FLAG),
        ("null", NOTHING), ("coalesce(null, null)", NOTHING), ("null + null", NOTHING),
        ("case when true then amount else 1 end", NUMBER), ("case when null then null else carrier end", TEXT),
        ("case status when 'closed' then paid_at end", MOMENT), ("case when true then null end", NOTHING), ("if(true, amount, 1)", NUMBER),
        (" + ".join(["amount"] * 21), NUMBER),
    ],
)  # fmt: skip
def test_what_an_expression_gives(sql, kind):
    assert checked(sql).kind is kind


@pytest.mark.parametrize(
    "sql",
    [
        "interval '1' day - paid_at", "paid_at + as_of", "amount + carrier", "amount + paid_at", "amount - interval '1' day",
        "paid_at - null - amount", "paid_at + null", "-paid_at", "-carrier", "-null", "amount between 1 and 'a'", "amount between 'a' and 1",
        "amount in (1, 'a')", "true and amount", "amount or true", "not 1", "contains(amount, 'a')", "contains(carrier, 1)",
        "case when true then amount else carrier end", "case when true then 1 when false then 'a' end", "hour(interval '1' day)",
        "if(true, amount, carrier)", "carrier like 'a\\'", "coalesce(paid_at, carrier)", "paid_at > lower('2026-01-01')", "carrier like lower('a')", "carrier is 1",
        "0.0000001", "1000000000000000", "1e5", "interval '3661' day", "interval '11' year", "interval '1' century",
        "interval (1) day", " + ".join(["amount"] * 22), " - ".join(["amount"] * 22), "paid_at > '2026-13-01'",
    ],
)  # fmt: skip
def test_what_fits_nothing(sql):
    with pytest.raises(PredicateError):
        checked(sql)


def rule(**fields):
    given = {"code": "MY100", "name": "mine", "title": Text.same("-"), "per": "shop"}
    condition = {} if {"when", "due", "by"} & {*fields} else {"when": "paid_at is null"}
    limit = (
        {}
        if {"at_least", "more_than", "share_at_least", "share_more_than", "risk"} & {*fields}
        else {"at_least": 3}
    )
    return Rule(**given | condition | limit | fields)  # fmt: skip


CLOCK = {"applies": "true", "due": "promised_ship_at", "done": "shipped_at"}
SHARE = {"of": "paid_at is not null", "per": "shop-day", "day": "paid_at"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"is_clock": False, "has_due": False, "is_signal": False, "limit": 3, "limit_is": "at_least"}),
        (CLOCK, {"is_clock": True, "has_due": True}),
        ({"when": "paid_at is null", "by": "promised_ship_at", "per": "line"}, {"is_clock": False, "has_due": True}),
        ({"more_than": 2}, {"limit": 2, "limit_is": "more_than"}),
        ({"share_more_than": Decimal("0.3"), **SHARE}, {"limit": Decimal("0.3"), "limit_is": "more_than"}),
        ({"share_at_least": Decimal("0.3"), **SHARE}, {"limit": Decimal("0.3"), "limit_is": "at_least"}),
        ({"share_more_than": Decimal("0.3"), "at_least": 10, **SHARE}, {"limit": 10, "limit_is": "at_least"}),
        ({"days": "3 of 7", "more_than": 9, "per": "product", "day": "paid_at"},
         {"limit": 3, "limit_is": "at_least", "most_days": 3, "of_days": 7}),
        ({}, {"most_days": None, "of_days": None, "by_day": False, "by_month": False, "counted_for": None}),
        (SHARE | {"share_at_least": Decimal("0.1")}, {"by_day": True, "by_month": False}),
        (SHARE | {"share_at_least": Decimal("0.1"), "per": "shop-month"}, {"by_day": False, "by_month": True}),
        ({"window_days": 30, "day": "paid_at"}, {"counted_for": "30 days"}),
        ({"window": "36 hours", "day": "paid_at"}, {"counted_for": "36 hours"}),
        ({"per": "line", "risk": Decimal("0.2")},
         {"is_signal": True, "limit": 1, "graded": False, "grades": [("0 hours", Decimal("0.2"))]}),
        ({"per": "line", "risk": [("0 hours", Decimal("0.2")), ("9 hours", Decimal("0.3"))], **CLOCK},
         {"graded": True, "grades": [("0 hours", Decimal("0.2")), ("9 hours", Decimal("0.3"))]}),
        ({}, {"graded": False, "grades": [], "tasks": (), "penalties": [None], "each_strike": False}),
        ({"task": "ship"}, {"tasks": ("ship",)}),
        ({"task": ["ship", "answer"]}, {"tasks": ("ship", "answer")}),
        (CLOCK, {"predicates": CLOCK}),
    ],
)  # fmt: skip
def test_what_a_rule_says_of_itself(fields, expected):
    found = rule(**fields)
    assert {name: getattr(found, name) for name in expected} == expected


FIRST, SECOND = date(2026, 6, 2), date(2026, 6, 29)


def dated(*versions, **fields):
    return rule(day="paid_at", in_force=[RuleVersion(**one) for one in versions], **fields)


@pytest.mark.parametrize(
    ("day", "limit", "limit_is"),
    [
        (date(2026, 6, 1), 3, "at_least"),
        (FIRST, 5, "more_than"),
        (date(2026, 6, 28), 5, "more_than"),
        (SECOND, 5, "more_than"),
        (None, 3, "at_least"),
    ],
)
def test_the_limit_is_that_of_the_newest_version_that_has_one(day, limit, limit_is):
    """The version of the second day changes the condition alone."""
    versions = {"since": FIRST, "until": SECOND, "more_than": 5}, {"since": SECOND, "when": "true"}
    found = dated(*versions, per="shop-day").on(day)
    assert (found.limit, found.limit_is) == (limit, limit_is)


def test_a_rule_ends_with_its_last_version_unless_another_follows():
    ended = dated({"since": FIRST, "until": SECOND})
    assert ended.ended == SECOND
    assert ended.without_end.ended is None
    assert ended.without_end.in_force[-1].since == FIRST
    assert msgspec.structs.replace(ended, replaced_by="MY101").ended is None
    assert dated({"since": FIRST}).ended is None
    assert rule().ended is None


@pytest.mark.parametrize("until", [FIRST, date(2026, 6, 1)])
def test_a_version_holds_for_a_day_at_least(until):
    with pytest.raises(ValueError, match="until"):
        RuleVersion(since=FIRST, until=until)
    assert RuleVersion(since=FIRST, until=date(2026, 6, 3)).limits is False
    assert RuleVersion(since=FIRST, share_at_least=Decimal("0.1")).limits


def test_the_money_of_each_version_is_its_own_or_the_rules():
    tier = [Tier(percent=Decimal(1))]
    one, other = Penalty(tier), Penalty(tier, each="strike")
    assert rule(penalty=one).penalties == [one]
    assert not rule(penalty=one).each_strike
    versions = {"since": FIRST, "until": SECOND, "penalty": other}, {"since": SECOND}
    both = dated(*versions, penalty=one, **CLOCK, again_every="24 hours", cap=3)
    assert both.penalties == [other, one]
    assert both.each_strike


def test_one_day_alone_has_a_limit_of_its_own():
    days = {"days": "3 of 7", "at_least": 10, "near": 2, "per": "product", "day": "paid_at"}
    found = rule(**days, one_day=Limits(at_least=500)).alone
    assert (found.limit, found.near, found.days, found.one_day) == (500, None, None, None)


SOURCE = Source(clause="-", where="-", confidence="assumed")
HEAD = PackHead("douyin", date(2026, 11, 22))
DASH = Text.same("-")
RISK = Risk("IR900", "risk", DASH, SOURCE, DASH, DASH, "high", near=0.3, breached=0.5)


def book(*rules, **others):
    bound = (binding.bind(one, ("douyin",), HEAD.reviewed, "") for one in rules)
    return Rulebook(rules=tuple(bound), **{"risk": RISK, **others})


def changed(*change, rules=(), risk=None):
    """A book of two rules, and a pack over it."""
    two = book(rule(), rule(code="MY200", more_than=2))
    return changes.over(two, Pack(HEAD, list(rules), list(change), risk), "own.toml")


def test_a_pack_over_others_keeps_all_that_it_does_not_name():
    assert changed() == book(rule(), rule(code="MY200", more_than=2))
    assert [one.code for one in changed({"code": "MY100", "off": True}).rules] == ["MY200"]
    assert [one.code for one in changed(rules=[rule(code="MY300")]).rules] == [
        "MY100",
        "MY200",
        "MY300",
    ]
    severe = changed({"code": "MY200", "severity": "critical"})
    assert [one.rule.severity for one in severe.rules] == ["medium", "critical"]
    assert severe.risk == RISK


def test_one_limit_takes_the_place_of_another():
    mine = changed({"code": "MY200", "at_least": 7}).of_code("MY200")
    assert (mine.rule.at_least, mine.rule.more_than) == (7, None)
    with pytest.raises(UsageError, match="at_least"):
        changed({"code": "MY200", "at_least": 7, "more_than": 8})


def test_the_risk_is_changed_or_replaced():
    assert changed({"code": "IR900", "near": 0.1}).risk.near == 0.1
    other = msgspec.structs.replace(RISK, near=0.2)
    assert changed(risk=other).risk == other
    assert changes.over(book(risk=None), Pack(HEAD), "own.toml").risk is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": "MY100", "off": False}, "off is no field"),
        ({"code": "MY100", "off": True, "near": 2}, "off is no field"),
        ({"code": "MY999", "off": True}, "MY999: no such rule"),
        ({"code": 5, "off": True}, "5: no such rule"),
        ({"off": True}, "None: no such rule"),
        ({"code": "IR900", "off": True}, "off is no field"),
    ],
)
def test_a_change_that_changes_nothing_is_refused(change, reason):
    with pytest.raises(UsageError, match=reason):
        changed(change)


def test_a_code_cannot_be_changed():
    with pytest.raises(UsageError, match="code is no field"):
        changes.with_values(rule(), {"code": "MY101"}, "own.toml")


@pytest.mark.parametrize(
    ("platforms", "platform", "judges"),
    [
        (("douyin",), "douyin", True),
        (("douyin",), "tmall", False),
        (("tmall", "taobao"), "taobao", True),
        (("any",), "tmall", True),
    ],
)
def test_whose_lines_a_rule_judges(platforms, platform, judges):
    bound = binding.bind(rule(), platforms, HEAD.reviewed, "")
    assert bound.judges(platform) is judges
    assert PackHead(list(platforms), HEAD.reviewed).platforms == platforms
    assert PackHead(platforms[0], HEAD.reviewed).platforms == platforms[:1]


def test_what_a_book_reads():
    tiers = [Tier(percent=Decimal(1))]
    priced = rule(code="MY200", when="shipped_at is null", penalty=Penalty(tiers, on_top=True))
    both = book(rule(when="case_applied_at is null"), priced)
    assert both.reads == {"case_applied_at", "shipped_at", "amount"}
    assert [one.about_cases for one in both.rules] == [True, False]
    assert [one.on_top for one in both.rules] == [[], [None]]
    signal = book(rule(per="line", risk=Decimal("0.2")), rule(code="MY200"))
    assert [one.code for one in signal.signals] == ["MY100"]
    assert both.also_names == frozenset()
    region = Exemption(row=2, reason="flood", approved=True, regions=("浙江",))
    assert msgspec.structs.replace(both, exemptions=(region,)).reads == both.reads | {
        "province",
        "sender_province",
    }


END = date(2026, 8, 3)
COLUMNS = {
    "day": "timestamp",
    "promised_ship_at": "timestamp",
    "shipped_at": "timestamp",
    "quantity": "bigint",
    "amount": "decimal(18, 2)",
}
FEW, MANY = {"quantity": 1}, {"quantity": 2}


def answers(sql, **line):
    """What an expression says of a line; all that it does not name is null."""
    cells = ", ".join(f"cast(? as {kind}) as {name}" for name, kind in COLUMNS.items())
    with duckdb.connect() as database:
        found = database.execute(
            f"select {sql} from (select {cells})", [line.get(name) for name in COLUMNS]
        )
        return found.fetchone()[0]


def bound(*versions, **fields):
    return binding.bind(
        rule(in_force=[RuleVersion(**one) for one in versions], **fields), ("douyin",), FIRST, ""
    )


@pytest.mark.parametrize(
    ("at", "line", "expected"),
    [
        ("2026-06-01 23:59:59", MANY, False),
        ("2026-06-02 00:00:00", MANY, True),
        ("2026-06-02 00:00:00", FEW, False),
        ("2026-06-28 23:59:59", MANY, True),
        ("2026-06-29 00:00:00", FEW, True),
        ("2026-06-29 00:00:00", MANY, False),
        ("2026-08-02 23:59:59", FEW, True),
        ("2026-08-03 00:00:00", FEW, False),
        ("2026-08-03 00:00:00", MANY, False),
        (None, MANY, False),
        (None, FEW, None),
    ],
)
def test_a_line_is_judged_by_the_version_of_its_day(at, line, expected):
    """The second has the condition of the rule; with it ended the first does not come back."""
    versions = {"since": FIRST, "when": "quantity > 1"}, {"since": SECOND, "until": END}
    found = bound(*versions, when="quantity = 1", day="promised_ship_at")
    assert answers(found.sql["when"], promised_ship_at=at, **line) is expected


def test_of_what_has_not_happened_no_version_judges():
    """A day that is an event's is not unknown where it is null."""
    found = bound({"since": FIRST}, when="quantity = 1", day="shipped_at")
    assert answers(found.sql["when"], **FEW) is False
    assert answers(found.sql["when"], shipped_at="2026-06-02", **FEW) is True


def test_a_version_without_a_first_day_is_as_old_as_its_rule():
    found = bound(
        {"until": SECOND}, {"since": SECOND, "when": "true"}, when="quantity = 1", day="shipped_at"
    )
    assert answers(found.sql["when"], shipped_at="2000-01-01", **FEW) is True
    assert answers(found.sql["when"], shipped_at="2000-01-01", **MANY) is False
    assert answers(found.sql["when"], shipped_at="2026-06-29", **MANY) is True


def test_a_deadline_is_that_of_the_version_and_else_unknown():
    clock = {**CLOCK, "day": "promised_ship_at"}
    later = {"since": FIRST, "due": "promised_ship_at + interval '1' day"}
    by_day = bound(later, {"since": SECOND}, **clock).sql["due"]
    for at, due in (
        ("2026-06-01", None),
        ("2026-06-02", datetime(2026, 6, 3)),
        ("2026-06-29", datetime(2026, 6, 29)),
    ):
        assert answers(by_day, promised_ship_at=at) == due
    assert bound({"since": FIRST}, **clock).sql["due"] == "promised_ship_at", "the same in all"


@pytest.mark.parametrize(
    ("at", "money"),
    [
        ("2026-06-01", None),
        ("2026-06-02", Decimal("1.00")),
        ("2026-06-29", Decimal("3.00")),
    ],
)
def test_the_money_of_a_line_is_that_of_its_version(at, money):
    one, other = (Penalty([Tier(percent=Decimal(n))]) for n in (1, 3))
    versions = {"since": FIRST, "penalty": one}, {"since": SECOND}
    found = bound(*versions, when="quantity = 1", day="promised_ship_at", penalty=other)
    assert answers(found.penalty, promised_ship_at=at, amount="100.00", **FEW) == money
    assert found.prices == {"amount", "promised_ship_at"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"when": "amount"}, "MY100, when: it must give true or false"),
        ({**CLOCK, "due": "out_of_stock"}, "MY100, due: it must give a moment"),
        ({"day": "amount"}, "MY100, day: it must give a moment"),
        ({"when": "true", "in_force": [RuleVersion(since=FIRST, when="amount")], "day": "paid_at"},
         "MY100, in_force, when: it must give true or false"),
    ],
)  # fmt: skip
def test_a_predicate_of_another_kind_is_refused_with_its_name(fields, reason):
    with pytest.raises(UsageError, match=reason):
        binding.bind(rule(**fields), ("douyin",), FIRST, "")
