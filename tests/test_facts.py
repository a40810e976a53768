"""Facts that all packs share: who has paid, and from when a promise is counted; rules that have ended."""

import re

import pytest
from conftest import douyin, findings, write_csv

from merchantwatch.rules import built_in, selected
from merchantwatch.rules.predicates import checked

pytestmark = pytest.mark.every_engine

DUE = {
    "承诺发货时间": "2026-11-20 08:00:00",
    "发货时间": "-",
    "支付完成时间": "-",
    "订单状态": "待发货",
}


@pytest.mark.looks_at("DY100")
@pytest.mark.parametrize(
    ("status", "paid", "state"),
    [
        ("待发货", "-", "hit"),  # cash on delivery
        ("备货中", "-", "hit"),
        ("部分发货", "-", "hit"),
        ("待发货", "2026-11-18 08:00:00", "hit"),
        ("待支付", "-", None),
        ("待支付", "2026-11-18 08:00:00", None),
        ("已关闭", "-", None),
    ],
)
def test_who_has_paid(scan, export, status, paid, state):
    report = scan(export({**DUE, "订单状态": status, "支付完成时间": paid}))
    assert report.hits("DY100")["state"].tolist() == ([state] if state else [])


def test_a_fact_reads_what_it_needs_and_is_more_exact_by_the_rest():
    found = checked("paid and promised_ship_at > ordered_at + interval '48' hour")
    assert found.reads == {"status", "paid_at", "promised_ship_at"}
    assert found.also_names == {"created_at"}
    assert "paid " not in found.sql
    assert checked("created_at > ordered_at").reads == {"created_at", "paid_at"}
    assert checked("sent_at is null").reads == {"shipped_at"}


def test_no_duty_depends_on_the_time_of_payment_alone():
    """An order that is paid on delivery has none; these two compare that very time."""
    alone = re.compile(r"paid_at is not null and (status|shipped_at|out_of_stock)")
    found = {b.code: " ".join(b.rule.predicates.values()) for b in built_in().rules}
    assert {code for code, sql in found.items() if alone.search(sql)} == {"DY321", "DY408"}


@pytest.mark.parametrize(
    ("select", "judged"),
    [(["DY102"], True), (["dy102"], True), (["repeat-late-order"], True), (["DY"], False),
     (["DY10"], False), ([], False), (["DY", "DY102"], True)],
)  # fmt: skip
def test_an_ended_rule_judges_later_lines_only_when_it_is_named(scan, tmp_path, select, judged):
    late = {**DUE, "支付完成时间": "2026-11-01 08:00:00"}
    orders = write_csv(tmp_path / "a.csv", douyin({**late, "承诺发货时间": "2026-11-03 08:00:00"}))
    report = scan(orders, select=select)
    assert len(findings(report, "DY102")) == judged


@pytest.mark.looks_at("DY102")
@pytest.mark.parametrize(("promised", "judged"), [("06-01 23:59:59", 1), ("06-02 00:00:00", 0)])
def test_the_last_day_of_an_ended_rule(scan, export, promised, judged):
    line = {**DUE, "支付完成时间": "2026-05-30 08:00:00", "承诺发货时间": f"2026-{promised}"}
    report = scan(export({**line, "订单提交时间": "2026-05-30 07:00:00"}), select=["DY1"])
    assert len(report.hits("DY102")) == judged


def test_a_rule_that_another_follows_is_not_woken():
    (bound,) = selected(built_in(), ["DY107"], []).rules
    assert bound.sql == built_in().of_code("DY107").sql


@pytest.mark.looks_at("DY100")
@pytest.mark.parametrize(
    ("closed", "hits"),
    [("2026-11-21 00:00:00", 0), ("2026-11-21 00:00:01", 1)],
)
def test_a_close_later_than_as_of_is_not_yet(scan, tmp_path, closed, hits):
    row = {
        "line_id": "1",
        "status": "closed",
        "created_at": "2026-11-18 07:00:00",
        "paid_at": "2026-11-18 08:00:00",
        "promised_ship_at": "2026-11-20 08:00:00",
        "shipped_at": "",
        "closed_at": closed,
    }
    report = scan(write_csv(tmp_path / "a.csv", [row]), map={name: name for name in row})
    assert len(report.hits("DY100")) == hits
