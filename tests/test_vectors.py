"""The clauses' own numbers: each boundary and each sum of money, by the built-in rules, to the cent."""

from decimal import Decimal

import pytest
from conftest import LATE, SHORT, douyin, findings, write_csv

pytestmark = pytest.mark.every_engine


def _penalties(report, code):
    hits = report.hits(code).sort_values("line_id")
    return [cost for cost in hits["penalty"] if cost is not None]


@pytest.mark.parametrize(
    ("shipped", "strikes"),
    [("2026-11-10 08:00:00", 0), ("2026-11-10 08:00:01", 1), ("2026-11-11 07:59:59", 1),
     ("2026-11-11 08:00:00", 2), ("2026-11-12 08:00:00", 3), ("2026-11-19 08:00:00", 3)],
)  # fmt: skip
def test_strikes_from_the_promise_on(export, scan, shipped, strikes):
    report = scan(export({"承诺发货时间": "2026-11-10 08:00:00", "发货时间": shipped}))
    assert report.hits("DY102")["count"].tolist() == ([strikes] if strikes else [])
    banned = [f for f in findings(report, "DY102") if f["state"] == "breached"]
    assert len(banned) == (strikes == 3)


@pytest.mark.parametrize(("short", "state"), [(10, "near"), (11, "breached")])
def test_more_than_ten_out_of_stock(export, scan, short, state):
    (found,) = findings(scan(export(*[SHORT] * short)), "DY201")
    assert (found["state"], found["count"]) == (state, short)


@pytest.mark.parametrize(
    ("short", "of", "state"),
    [(29, 32, "near"), (30, 100, "near"), (31, 100, "breached"), (30, 99, "breached")],
)
def test_the_share_of_a_day(export, scan, short, of, state):
    lines = [{**SHORT, "承诺发货时间": "2026-11-20 08:00:00"}] * short + [{}] * (of - short)
    (found,) = findings(scan(export(*lines)), "DY203")
    assert (found["state"], found["count"], found["rate"]["volume"]) == (state, short, of)


@pytest.mark.parametrize(
    ("shipped", "states"),
    [("2026-11-19 00:00:00", ["near"]), ("2026-11-18 23:59:59", ["hit"])],
)
def test_unpicked_for_48_hours(scan, tmp_path, shipped, states):
    orders = write_csv(tmp_path / "a.csv", douyin({"发货时间": shipped, "揽收时间": "-"}))
    assert scan(orders).hits("DY301")["state"].tolist() == states


def test_the_coupon_of_a_late_order(export, scan):
    paid = ["3.00", "3.01", "299.99", "300.00", "2500.00", "3000.00", "9999.00"]
    report = scan(export(*[{**LATE, "订单应付金额": amount} for amount in paid]))
    assert _penalties(report, "DY103") == [0, 3, 3, Decimal("3.00"), 25, 30, 30]


@pytest.mark.parametrize(
    ("promised", "paid", "costs"),
    [
        ("2026-11-18 08:00:00", ["40.00", "150.00", "20000.00"], ["5.00", "7.50", "500.00"]),
        ("2026-11-18 08:00:01", ["30.00", "20000.00"], ["5.00", "1000.00"]),
    ],
)
def test_the_compensation_of_a_shortage(export, scan, promised, paid, costs):
    line = {**LATE, "支付完成时间": "2026-11-16 08:00:00", "承诺发货时间": promised}
    report = scan(export(*[{**line, "订单应付金额": amount} for amount in paid]))
    assert _penalties(report, "DY104") == [Decimal(cost) for cost in costs]


FIELDS = ("line_id", "status", "amount", "created_at", "paid_at", "promised_ship_at", "shipped_at",
          "out_of_stock", "case_status", "picked_up_at", "pickup_due_at")  # fmt: skip


@pytest.mark.parametrize(
    ("code", "paid_at", "costs"),
    [
        ("TM102", "2026-11-16", {"40.00": "5.00", "259.00": "25.90", "1000.01": "100.00"}),
        ("TM102", "2025-03-06", {"10.00": "5.00", "259.00": "77.70", "2000.00": "500.00"}),
        ("TM103", "2026-11-16", {"10.00": "5.00", "100.00": "30.00", "400.00": "100.00"}),
        ("TB101", "2026-11-16", {"40.00": "5.00", "150.10": "7.51", "900.00": "30.00"}),
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


def test_money_adds_up_only_where_a_clause_says_so(export, scan):
    """The coupon and the shortage are paid both; two coupons of one line are not."""
    line = {**LATE, "支付完成时间": "2026-11-16 08:00:00", "订单应付金额": "300.00"}
    report = scan(export({**line, "承诺发货时间": "2026-11-18 08:00:00"}))
    assert _penalties(report, "DY103") == [3]
    assert _penalties(report, "DY104") == [15]
    assert report.to_dict()["totals"]["penalty"] == "18.00"


def test_of_clauses_that_do_not_stack_the_dearest_counts(scan, tmp_path):
    shipped = {"发货时间": "2026-11-20 09:00:00", "揽收时间": "-", "订单应付金额": "300.00"}
    late = {**shipped, "订单提交时间": "2026-11-17 08:00:00", "支付完成时间": "2026-11-18 08:00:00"}
    report = scan(write_csv(tmp_path / "a.csv", douyin(late)))
    assert _penalties(report, "DY103") == _penalties(report, "DY303") == [3]
    assert report.to_dict()["totals"]["penalty"] == "3.00"
