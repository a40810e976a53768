"""The clauses' own numbers: each boundary and each sum of money, by the built-in rules, to the cent."""

from decimal import Decimal

import pytest
from conftest import LATE, SHORT, douyin, findings, rule, write_csv

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at(
        "DY102", "DY103", "DY104", "DY201", "DY203", "DY301", "DY303", "DY321", "DY322"
    ),
]


def _penalties(report, code):
    hits = report.hits(code).sort_values("line_id")
    return [cost for cost in hits["penalty"] if cost is not None]


STRIKES = {
    "2026-11-10 08:00:00": 0, "2026-11-10 08:00:01": 1, "2026-11-11 07:59:59": 1,
    "2026-11-11 08:00:00": 2, "2026-11-12 08:00:00": 3, "2026-11-19 08:00:00": 3,
}  # fmt: skip


def test_strikes_from_the_promise_on(export, scan):
    promised = {"承诺发货时间": "2026-11-10 08:00:00"}
    report = scan(export(*({**promised, "发货时间": at} for at in STRIKES)), select=["DY102"])
    counts = report.hits("DY102").set_index("line_id")["count"].to_dict()
    by_line = {f"690000000000000000{n}": count for n, count in enumerate(STRIKES.values(), 1)}
    assert counts == {line: count for line, count in by_line.items() if count}
    banned = {f["key"] for f in findings(report, "DY102") if f["state"] == "breached"}
    assert banned == {line for line, count in by_line.items() if count == 3}


@pytest.mark.looks_at("DY201")
@pytest.mark.parametrize(("short", "state"), [(10, "near"), (11, "breached")])
def test_more_than_ten_out_of_stock(export, scan, short, state):
    (found,) = findings(scan(export(*[SHORT] * short)), "DY201")
    assert (found["state"], found["count"]) == (state, short)


@pytest.mark.looks_at("DY203")
@pytest.mark.parametrize(
    ("short", "of", "state"),
    [(29, 32, None), (30, 100, None), (31, 100, "breached"), (30, 99, "breached")],
)
def test_the_share_of_a_day(export, scan, short, of, state):
    """Boundaries of aHwHGWzbmk88: more than 30 %, at least 30; days before say nothing near."""
    lines = [{**SHORT, "承诺发货时间": "2026-11-20 08:00:00"}] * short + [{}] * (of - short)
    found = [
        (f["state"], f["count"], f["rate"]["volume"])
        for f in findings(scan(export(*lines)), "DY203")
    ]
    assert found == ([(state, short, of)] if state else [])


@pytest.mark.parametrize(
    ("shipped", "states"),
    [("2026-11-19 00:00:00", ["near"]), ("2026-11-18 23:59:59", ["hit"])],
)
def test_unpicked_for_48_hours(scan, tmp_path, shipped, states):
    orders = write_csv(tmp_path / "a.csv", douyin({"发货时间": shipped, "揽收时间": "-"}))
    assert scan(orders).hits("DY301")["state"].tolist() == states


BEFORE = {"订单提交时间": "2026-05-01 07:00:00", "支付完成时间": "2026-05-01 08:00:00"}


def test_the_coupon_of_a_late_order(export, scan):
    """The reprinted text, for what was promised before 2026-06-02."""
    line = {**LATE, **BEFORE, "承诺发货时间": "2026-05-03 08:00:00"}
    paid = ["3.00", "3.01", "299.99", "300.00", "2500.00", "3000.00", "9999.00"]
    report = scan(export(*[{**line, "订单应付金额": amount} for amount in paid]))
    assert _penalties(report, "DY103") == [0, 3, 3, Decimal("3.00"), 25, 30, 30]


@pytest.mark.parametrize(
    ("promised", "paid", "costs"),
    [
        ("2026-05-03 08:00:00", ["40.00", "150.00", "20000.00"], ["5.00", "7.50", "500.00"]),
        ("2026-05-03 08:00:01", ["30.00", "20000.00"], ["5.00", "1000.00"]),
    ],
)
def test_the_compensation_of_a_shortage_before_2026_06(export, scan, promised, paid, costs):
    line = {**LATE, **BEFORE, "承诺发货时间": promised}
    report = scan(export(*[{**line, "订单应付金额": amount} for amount in paid]))
    assert _penalties(report, "DY104") == [Decimal(cost) for cost in costs]


FIELDS = ("line_id", "status", "amount", "created_at", "paid_at", "promised_ship_at", "shipped_at",
          "out_of_stock", "case_status", "picked_up_at", "pickup_due_at")  # fmt: skip


@pytest.mark.parametrize(
    ("code", "paid_at", "costs"),
    [
        ("TM102", "2026-11-16", {"40.00": "5.00", "259.00": "12.95", "1000.01": "50.00"}),
        ("TM102", "2025-03-05", {"40.00": "5.00", "259.00": "25.90", "1000.01": "100.00"}),
        ("TM102", "2025-03-04", {"10.00": "5.00", "259.00": "77.70", "2000.00": "500.00"}),
        ("TM103", "2026-11-16", {"10.00": "5.00", "100.00": "10.00", "5000.10": "500.00"}),
        ("TB102", "2026-11-16", {"40.00": "3.00", "350.10": "3.50", "9000.00": "30.00"}),
        ("TB103", "2026-11-16", {"40.00": "5.00", "100.00": "10.00", "9000.00": "100.00"}),
        ("PD101", "2026-11-16", {"1.00": "3.00", "9000.00": "3.00"}),
    ],
)
def test_what_other_platforms_take(scan, tmp_path, code, paid_at, costs):
    line = {
        "status": "to_ship",
        "out_of_stock": "1",
        "case_status": "closed",
        "created_at": paid_at,
    }
    rows = [
        {**dict.fromkeys(FIELDS, ""), **line, "line_id": str(number), "amount": amount,
         "paid_at": f"{paid_at} 08:00:00"}
        for number, amount in enumerate(costs)
    ]  # fmt: skip
    orders = write_csv(tmp_path / "own.csv", rows)
    platform = {"TM": "tmall", "TB": "taobao", "PD": "pdd"}[code[:2]]
    report = scan(orders, map={name: name for name in FIELDS}, platform=platform, select=[code])
    assert _penalties(report, code) == [Decimal(cost) for cost in costs.values()]


def _of_2022(due, shipped="-", n=1):
    """Lines of the years in which a late order cost a part of the deposit."""
    paid = {"订单提交时间": "2022-04-30 08:00:00", "支付完成时间": "2022-04-30 08:00:00"}
    return [{**LATE, **paid, "承诺发货时间": due, "发货时间": shipped, "订单应付金额": "1.00"}] * n


@pytest.mark.parametrize(
    ("shipped", "cost"),
    [("2022-05-02 08:00:01", 10), ("2022-05-03 07:59:59", 10), ("2022-05-03 08:00:00", 20),
     ("-", 20)],
)  # fmt: skip
def test_the_deposit_is_cut_at_each_judgement_twice_at_most(export, scan, shipped, cost):
    report = scan(export(*_of_2022("2022-05-02 08:00:00", shipped)), select=["DY107"])
    assert _penalties(report, "DY107") == [cost]


@pytest.mark.parametrize(("lines", "cost"), [(49, "490.00"), (50, "500.00"), (51, "500.00")])
def test_the_deposit_of_a_shop_is_cut_by_so_much_a_day(export, scan, lines, cost):
    once = _of_2022("2022-05-02 08:00:00", "2022-05-02 09:00:00", lines)
    assert rule(scan(export(*once), select=["DY107"]), "DY107")["penalty"] == cost


def test_a_second_judgement_falls_on_the_next_day_and_meets_the_first_ones_of_that_day(
    export, scan
):
    """3 May: 30 second judgements at 8:00 leave 200 yuan for 40 first ones at 9:00."""
    again = _of_2022("2022-05-02 08:00:00", "2022-05-03 08:00:00", 30)
    first = _of_2022("2022-05-03 09:00:00", "2022-05-03 10:00:00", 40)
    report = scan(export(*again, *first), select=["DY107"])
    assert sorted(_penalties(report, "DY107")) == [0] * 20 + [10] * 20 + [20] * 30


SENT = ("line_id", "order_id", "product_id", "status", "amount", "created_at", "paid_at", "shipped_at",
        "picked_up_at")  # fmt: skip


def _sent(at, **more):
    """A line whose parcel was scanned before it was paid for."""
    scanned = {"created_at": "2021-01-01 08:00:00", "paid_at": at, "shipped_at": at,
               "picked_up_at": "2021-01-01 09:00:00", "status": "shipped", "amount": "400.00"}  # fmt: skip
    return {**dict.fromkeys(SENT, ""), **scanned, **more}


def _judged(scan, folder, code, rows):
    rows = [row | {"line_id": str(n)} for n, row in enumerate(rows)]
    orders = write_csv(folder / "sent.csv", rows)
    mapping = {name: name for name in SENT}
    return scan(orders, map=mapping, platform="douyin", select=[code])


@pytest.mark.parametrize(
    ("day", "lines", "cost"),
    [("2021-12-31 23:59:59", 1, "500.00"), ("2021-12-31 23:59:59", 10, "5000.00"),
     ("2021-12-31 23:59:59", 11, "5000.00"), ("2022-01-01 00:00:00", 1, "4.00"),
     ("2022-01-01 00:00:00", 11, "44.00"), ("2026-06-01 23:59:59", 1, "4.00"),
     ("2026-06-02 00:00:00", 1, "100.00"), ("2026-07-08 23:59:59", 2, "200.00"),
     ("2026-07-09 00:00:00", 1, None)],
)  # fmt: skip
def test_a_false_shipment_costs_by_the_text_of_its_year(scan, tmp_path, day, lines, cost):
    report = _judged(scan, tmp_path, "DY321", [_sent(day)] * lines)
    assert rule(report, "DY321")["penalty"] == cost


def test_each_day_has_a_bound_of_its_own(scan, tmp_path):
    days = [_sent("2021-10-01 08:00:00"), _sent("2021-10-02 08:00:00")]
    assert rule(_judged(scan, tmp_path, "DY321", days * 11), "DY321")["penalty"] == "10000.00"


@pytest.mark.parametrize(
    ("shipped", "costs"),
    [
        ("2026-06-01 23:59:59", [5, 5, 5, Decimal("45.03"), 100]),
        ("2026-06-02 00:00:00", [10, 10, 10, 45, 500]),
        ("2026-08-02 23:59:59", [10, 10, 10, 45, 500]),
        ("2026-08-03 00:00:00", [5, 10, 10, 45, 500]),
    ],
)
def test_what_was_never_sent_costs_by_the_text_of_its_day(scan, tmp_path, shipped, costs):
    """aHwH9wK4JyWJ: of less than 10 yuan the whole since 2026-08-03."""
    closed = {"status": "closed", "picked_up_at": "", "product_id": "P"}
    paid = ("3.00", "9.99", "10.00", "150.10", "2000.00")
    rows = [
        _sent(shipped, **closed, amount=one) | {"line_id": str(n)} for n, one in enumerate(paid)
    ]
    mapping = {name: name for name in SENT}
    orders = write_csv(tmp_path / "sent.csv", rows)
    report = scan(
        orders, map=mapping, platform="douyin", select="DY322", as_of=f"{shipped[:10]} 23:59:59"
    )
    hits = report.hits("DY322")
    found = {
        Decimal(paid): cost for paid, cost in zip(hits["amount"], hits["penalty"], strict=True)
    }
    assert [found[amount] for amount in sorted(found)] == costs


NEW = {"订单提交时间": "2026-11-01 07:00:00", "支付完成时间": "2026-11-01 08:00:00"}
PROMISES = (
    "2026-11-03 08:00:00",
    "2026-11-03 08:00:01",
    "2026-11-11 08:00:00",
    "2026-11-11 08:00:01",
)
"""48 hours after the payment, a second more, 240 hours, a second more."""


@pytest.mark.parametrize(
    ("code", "costs"),
    [
        ("DY103", {"150.00": [None, 2, 2, 3], "350.00": [None, 4, 4, 4], "349.99": [None, 3, 3, 3],
                   "9999.00": [None, 50, 50, 50]}),
        ("DY104", {"150.00": [2, 5, 5, 8], "50.00": [2, 3, 3, 5], "9999.00": [50, 50, 50, 50]}),
    ],
)  # fmt: skip
def test_what_late_and_short_orders_cost_by_the_text_of_2026(export, scan, code, costs):
    """aHwH9wK4Je2N and aHwHGWzbmk88, to the whole yuan as aHwH9wK4JUHQ says: 150 x 5 % is 8."""
    lines = [
        {**LATE, **NEW, "承诺发货时间": promised, "订单应付金额": amount}
        for amount in costs
        for promised in PROMISES
    ]
    report = scan(export(*lines), select=[code])
    wanted = [cost for some in costs.values() for cost in some if cost is not None]
    assert _penalties(report, code) == wanted


@pytest.mark.parametrize(("shipped", "hits"), [("47:59:59", 0), ("48:00:00", 0), ("48:00:01", 1)])
def test_48_hours_past_the_promise(export, scan, shipped, hits):
    hours, rest = shipped.split(":", 1)
    day = 5 + (int(hours) + 8 - 48) // 24
    at = f"2026-11-{day:02} {(int(hours) + 8) % 24:02}:{rest}"
    line = {**NEW, "承诺发货时间": "2026-11-03 08:00:00", "发货时间": at, "订单状态": "已发货"}
    assert len(scan(export(line), select=["DY104"]).hits("DY104")) == hits


@pytest.mark.parametrize(
    ("promised", "costs"), [("2026-06-01 23:59:59", ["3.00"]), ("2026-06-02 00:00:00", ["2.00"])]
)
def test_the_same_line_by_the_text_of_its_day(export, scan, promised, costs):
    line = {**LATE, **BEFORE, "承诺发货时间": promised, "订单应付金额": "99.00"}
    paid = {"订单提交时间": "2026-05-29 07:00:00", "支付完成时间": "2026-05-29 08:00:00"}
    report = scan(export(line | paid), select=["DY103"])
    assert [f"{cost:.2f}" for cost in _penalties(report, "DY103")] == costs


def test_money_adds_up_only_where_a_clause_says_so(export, scan):
    """What late and short orders cost is paid both; two coupons of one line are not."""
    line = {**LATE, "支付完成时间": "2026-11-15 08:00:00", "订单应付金额": "300.00"}
    report = scan(export({**line, "承诺发货时间": "2026-11-18 08:00:00"}))
    assert _penalties(report, "DY103") == [3]
    assert _penalties(report, "DY104") == [9]
    assert report.to_dict()["totals"]["penalty"] == "12.00"


def test_before_the_clause_said_so_it_did_not_add_up(export, scan):
    """The text of 2022 says nothing of the coupon: of 3 and 15 yuan the dearer counts."""
    paid = {"订单提交时间": "2025-06-02 08:00:00", "支付完成时间": "2025-06-02 08:00:00"}
    line = {**LATE, **paid, "承诺发货时间": "2025-06-04 23:59:59", "订单应付金额": "300.00"}
    report = scan(export(line), select=["DY103", "DY104"])
    assert report.to_dict()["totals"]["penalty"] == "15.00"


def test_of_clauses_that_do_not_stack_the_dearest_counts(scan, tmp_path):
    shipped = {"发货时间": "2026-11-20 09:00:00", "揽收时间": "-", "订单应付金额": "300.00"}
    late = {**shipped, "发货时间": "2026-05-03 09:00:00", "订单提交时间": "2026-05-01 08:00:00", "支付完成时间": "2026-05-01 08:00:00",
            "承诺发货时间": "2026-05-03 08:00:00"}  # fmt: skip
    report = scan(write_csv(tmp_path / "a.csv", douyin(late)))
    assert _penalties(report, "DY103") == _penalties(report, "DY303") == [3]
    assert report.to_dict()["totals"]["penalty"] == "3.00"
