"""Money and shares: what a hit costs by the clause, and how many of how many are too many."""

from decimal import Decimal

import pytest
from conftest import LATE, douyin, findings, rule, write_csv

pytestmark = pytest.mark.looks_at("MY1")

PACK = """
[pack]
platform = "douyin"
reviewed = 2026-11-22

[[rule]]
code = "MY101"
name = "mine"
title = {{ zh = "自定义", en = "mine" }}
{rule}
"""
COUPON = """
when = "status = 'to_ship'"
at_least = 1
penalty = { tiers = [
    { up_to = 3, fixed = 0 }, { up_to = 299.99, fixed = 3 }, { percent = 1, maximum = 30 },
] }
"""
BY_PROMISE = """
when = "status = 'to_ship'"
at_least = 1
penalty = { tiers = [
    { when = "promised_ship_at <= paid_at + interval '48' hour", percent = 5, minimum = 5, maximum = 500 },
    { percent = 10, minimum = 5, maximum = 1000 },
] }
"""


@pytest.fixture
def judged(scan, tmp_path):
    """Scan Douyin lines by one rule of a pack."""

    def scanned(text, *lines, **options):
        pack = tmp_path / "own.toml"
        pack.write_text(PACK.format(rule=text), encoding="utf-8")
        return scan(write_csv(tmp_path / "a.csv", douyin(*lines)), pack=pack, **options)

    return scanned


def _costs(report):
    return report.hits("MY101").set_index("line_id")["penalty"].sort_index().tolist()


def test_tiers(judged):
    costs = {
        "3.00": "0", "3.01": "3", "299.99": "3", "300.00": "3.00", "2,500.00": "25",
        "3,000.00": "30", "9,999.00": "30", "333.50": "3.34", "333.49": "3.33", "-": None,
    }  # fmt: skip
    found = _costs(judged(COUPON, *({**LATE, "订单应付金额": paid} for paid in costs)))
    wanted = [None if cost is None else Decimal(cost) for cost in costs.values()]
    assert dict(zip(costs, found, strict=True)) == dict(zip(costs, wanted, strict=True))


def test_tiers_by_a_condition(judged):
    costs = {
        ("2026-11-20 08:00:00", "40.00"): "5", ("2026-11-20 08:00:00", "150.00"): "7.50",
        ("2026-11-20 08:00:00", "20000.00"): "500", ("2026-11-20 08:00:01", "30.00"): "5",
        ("2026-11-20 08:00:01", "20000.00"): "1000",
    }  # fmt: skip
    lines = [{**LATE, "承诺发货时间": at, "订单应付金额": paid} for at, paid in costs]
    found = dict(zip(costs, _costs(judged(BY_PROMISE, *lines)), strict=True))
    assert found == {case: Decimal(cost) for case, cost in costs.items()}


def test_halves_are_rounded_up_to_the_yuan_where_the_clause_says_so(judged):
    text = 'when = "true"\nat_least = 1\npenalty = { round_to = "yuan", tiers = [{ percent = 5 }] }'
    lines = [{"订单应付金额": paid} for paid in ("150.00", "149.99", "10.00")]
    assert _costs(judged(text, *lines)) == [8, 7, 1]


@pytest.mark.looks_at("MY1", "DY100")
def test_a_finding_costs_the_sum_of_its_hits_to_the_cent(judged):
    text = COUPON.replace("at_least = 1", 'per = "product"\nat_least = 2')
    report = judged(text, *[{**LATE, "订单应付金额": paid} for paid in ("333.50", "3.01", "1.00")])
    (found,) = findings(report, "MY101")
    assert found["penalty"] == "6.34"
    assert found["reason"].endswith("costs ¥6.34")
    assert rule(report, "MY101")["penalty"] == "6.34"
    assert findings(report, "DY100")[0]["penalty"] is None, "a rule that states no money"


def test_what_is_only_near_costs_nothing_yet(judged):
    text = """
applies = "true"
due = "promised_ship_at"
done = "shipped_at"
at_least = 1
near_before = "24 hours"
penalty = { tiers = [{ fixed = 5 }] }
"""
    (found,) = findings(judged(text, {**LATE, "承诺发货时间": "2026-11-21 08:00:00"}), "MY101")
    assert (found["state"], found["penalty"]) == ("near", None)


def test_a_cap_bounds_what_a_shop_pays_on_a_day(judged):
    text = """
applies = "status = 'to_ship'"
due = "promised_ship_at"
done = "shipped_at"
at_least = 1
penalty = { tiers = [{ fixed = 10 }], caps = { shop-day = 25 } }
"""
    report = judged(text, *[LATE] * 4, {**LATE, "承诺发货时间": "2026-11-19 08:00:00"})
    assert _costs(report) == [10, 10, 5, 0, 10]
    assert rule(report, "MY101")["penalty"] == "35.00"


CAPPED = """
applies = "status = 'to_ship'"
due = "promised_ship_at"
done = "shipped_at"
at_least = 1
penalty = {{ tiers = [{{ fixed = 10 }}], caps = {{ {caps} }} }}
"""


@pytest.mark.parametrize(
    ("caps", "costs"),
    [
        # Three lines of one product and a later one of another: what the first cap leaves, the next one bounds.
        ("product-day = 10, shop-day = 15", [10, 0, 0, 5]),
        ("shop-day = 15, product-day = 10", [10, 0, 0, 0]),
    ],
)
def test_caps_charge_in_the_order_in_which_they_stand(judged, caps, costs):
    other = {**LATE, "商品ID": "37111", "承诺发货时间": "2026-11-20 09:00:00"}
    lines = [{**LATE, "承诺发货时间": f"2026-11-20 0{hour}:00:00"} for hour in (6, 7, 8)]
    assert _costs(judged(CAPPED.format(caps=caps), *lines, other)) == costs


@pytest.mark.parametrize(
    ("hours", "costs"),
    [((1, 2, 3), [10, 10, 5]), ((3, 1, 2), [5, 10, 10]), ((2, 3, 1), [10, 5, 10]), ((1, 1, 1), [10, 10, 5])],
)  # fmt: skip
def test_of_one_day_the_lines_due_first_are_charged_first(judged, hours, costs):
    lines = [{**LATE, "承诺发货时间": f"2026-11-20 0{hour}:00:00"} for hour in hours]
    assert _costs(judged(CAPPED.format(caps="shop-day = 25"), *lines)) == costs


# --- versions --------------------------------------------------------------------------------

DATED = """
when = "status = 'to_ship'"
at_least = 1
day = "paid_at"
in_force = [
    { from = 2026-11-18, penalty = { tiers = [{ fixed = 1 }] } },
    { from = 2026-11-19, until = 2026-11-20, when = "status = 'to_ship' and amount > 50", penalty = { tiers = [{ fixed = 2 }] } },
]
"""


def test_a_line_is_judged_by_the_version_of_its_day(judged):
    def paid(at, amount="99.00"):
        return {**LATE, "支付完成时间": at, "订单应付金额": amount}

    report = judged(
        DATED,
        paid("2026-11-17 23:59:59"),
        paid("2026-11-18 00:00:00"),
        paid("2026-11-18 23:59:59", "1.00"),
        paid("2026-11-19 00:00:00"),
        paid("2026-11-19 00:00:00", "1.00"),
        paid("2026-11-20 00:00:00"),
        paid("-"),
    )
    hits = report.hits("MY101").set_index("line_id")["penalty"].sort_index()
    # Since the last version has ended, no older one holds again.
    assert {int(line) % 100: int(cost) for line, cost in hits.items()} == {2: 1, 3: 1, 4: 2}


CLOCK = """
applies = "status = 'to_ship'"
due = "promised_ship_at"
done = "shipped_at"
at_least = 1
day = "paid_at"
in_force = [
    { from = 2026-11-17 },
    { from = 2026-11-18, until = 2026-11-19, penalty = { tiers = [{ fixed = 1 }] } },
]
"""


@pytest.mark.parametrize(("select", "found"), [([], {1, 2}), (["MY101"], {1, 2, 3})])
def test_a_clock_whose_last_version_has_ended_stops_too(judged, select, found):
    times = ("2026-11-17 23:59:59", "2026-11-18 00:00:00", "2026-11-19 00:00:00")
    report = judged(CLOCK, *({**LATE, "支付完成时间": at} for at in times), select=select)
    assert {int(line) % 100 for line in report.hits("MY101")["line_id"]} == found


# --- shares ----------------------------------------------------------------------------------

SHARE = """
when = "paid_at is not null and promised_ship_at < as_of and shipped_at is null"
of = "promised_ship_at <= as_of"
day = "promised_ship_at"
per = "shop-day"
at_least = 30
share_more_than = 0.30
near = 20
"""


def _due(late, of):
    on_time = {"发货时间": "2026-11-19 08:00:00"}
    return [LATE] * late + [on_time] * (of - late)


def _days(*counts):
    """Lines of as many days, each with its number of late and of all lines; and the key of each day."""
    days = [f"2026-11-{day}" for day in range(10, 10 + len(counts))]
    lines = [
        {**line, "承诺发货时间": f"{day} 08:00:00"}
        for day, (late, of) in zip(days, counts, strict=True)
        for line in _due(late, of)
    ]
    return lines, days


def test_a_share_and_a_number_together(judged):
    states = {
        (29, 32): "near", (30, 100): "near", (31, 100): "breached", (31, 103): "breached",
        (31, 104): "near", (30, 99): "breached", (19, 20): None,
    }  # fmt: skip
    lines, days = _days(*states)
    report = judged(SHARE, *lines, shop="一号店")
    found = {f["key"]: f for f in findings(report, "MY101")}
    keys = [f"一号店 {day}" for day in days]
    assert set(found) == set(keys[:-1])
    for key, (counts, state) in zip(keys[:-1], states.items(), strict=False):
        one = found[key]
        assert (one["state"], one["count"], one["rate"]["volume"]) == (state, *counts)


def test_more_hits_stay_within_until_both_limits_are_broken(judged):
    left = {(20, 40): 9, (29, 32): 0, (20, 100): 10, (30, 100): 0, (29, 104): 2}
    lines, days = _days(*left)
    found = {f["key"]: f["rate"]["left"] for f in findings(judged(SHARE, *lines), "MY101")}
    assert found == dict(zip(days, left.values(), strict=True))


def test_each_day_and_each_shop_is_counted_apart(judged):
    other = {"承诺发货时间": "2026-11-19 08:00:00"}
    report = judged(SHARE, *_due(31, 100), *[{**line, **other} for line in _due(31, 104)])
    states = {f["key"]: (f["state"], f["rate"]["left"]) for f in findings(report, "MY101")}
    assert states == {"2026-11-20": ("breached", 0), "2026-11-19": ("near", 0)}


RATE = """
when = "shipped_at > promised_ship_at"
of = "paid_at is not null and shipped_at is not null"
day = "shipped_at"
per = "shop"
window = "10 days"
share_at_least = 0.04
share_near = 0.02
min_volume = 50
"""


def _shipped(late, of):
    return [{"发货时间": "2026-11-20 09:00:00"}] * late + [{}] * (of - late)


@pytest.mark.parametrize(
    ("late", "of", "state", "left"),
    [(2, 50, "breached", 0), (3, 100, "near", 0), (4, 100, "breached", 0), (2, 100, "near", 1),
     (1, 100, None, None), (2, 49, None, None)],
)  # fmt: skip
def test_a_rate_with_its_budget(judged, late, of, state, left):
    found = findings(judged(RATE, *_shipped(late, of)), "MY101")
    assert [(f["state"], f["rate"]["left"]) for f in found] == ([(state, left)] if state else [])
    for f in found:
        assert (f["rate"]["leaving"], f["rate"]["leaving_on"]) == (late, "2026-11-30")
        assert (f["limit"], f["limit_is"]) == (0.04, "at_least")


def test_a_window_lets_go_of_what_is_older(judged):
    old = {"发货时间": "2026-11-11 00:00:00", "承诺发货时间": "2026-11-10 00:00:00"}
    young = {**old, "发货时间": "2026-11-11 00:00:01"}
    report = judged(RATE.replace("50", "2"), old, young, young, {})
    (found,) = findings(report, "MY101")
    assert (found["count"], found["rate"]["volume"]) == (2, 3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('when = "true"\nshare_more_than = 0.3', "a share needs of and day"),
        ('when = "true"\nat_least = 1\nof = "true"', "a share needs of and day"),
        ('when = "true"\nat_least = 1\nmin_volume = 3', "belong to a share"),
        ('when = "true"\nshare_more_than = 30\nof = "true"\nday = "paid_at"', "between 0 and 1"),
        ('when = "true"\nat_least = 1\nper = "shop-day"', "a scope by day needs day"),
        ('when = "true"\nat_least = 1\nwindow = "3 days"', "a window needs a clock or a day"),
        ('when = "true"\nat_least = 1\nday = "amount"', "MY101, day: it must give a moment"),
        ('when = "true"\nat_least = 1\npenalty = { tiers = [{ fixed = 1, percent = 2 }] }', "percent or a fixed"),
        ('when = "true"\nat_least = 1\npenalty = { tiers = [{ fixed = 1 }, { fixed = 2 }] }', "must be the last"),
        ('when = "true"\nat_least = 1\npenalty = { tiers = [{ percent = -1 }] }', "lie between"),
        ('when = "true"\nat_least = 1\npenalty = { tiers = [{ when = "payed", fixed = 1 }] }', "MY101, penalty: payed is no field"),
        ('when = "true"\nat_least = 1\npenalty = { tiers = [{ when = "amount", fixed = 1 }] }', "MY101, penalty: "),
        ('when = "true"\nat_least = 1\nin_force = [{ from = 2026-01-01 }]', "in_force needs day"),
        ('when = "true"\nat_least = 1\nday = "paid_at"\nin_force = [{ from = 2026-01-02 }, { from = 2026-01-01 }]', "oldest to the newest"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(judged, text, reason):
    import merchantwatch as mw

    with pytest.raises(mw.UsageError, match=reason):
        judged(text, LATE)
