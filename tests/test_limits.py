"""Counting: how many hits of a scope make a finding, and what the finding says."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from conftest import LATE, SHORT, findings, rule

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at("DY100", "DY101", "DY102", "DY201", "DY202"),
]


def _states(report, code):
    return {(f["key"], f["state"], f["count"]) for f in findings(report, code)}


def test_late_lines_of_a_product(export, scan):
    """Products of one late line, of two, three and four, each with others that are not."""
    lines = [
        {**line, "商品ID": f"3711{late}"}
        for late in range(1, 5)
        for line in (*[LATE] * late, {}, {})
    ]
    report = scan(export(*lines))
    assert _states(report, "DY101") == {
        ("37112", "near", 2),
        ("37113", "breached", 3),
        ("37114", "breached", 4),
    }
    assert rule(report, "DY101")["hits"] == 1 + 2 + 3 + 4


def test_out_of_stock_lines(export, scan):
    """Shops of seven such lines of one product, of eight, and of ten to twelve."""
    short = [7, 8, 10, 11, 12]
    lines = [{**line, "店铺名称": str(n)} for n in short for line in (*[SHORT] * n, {})]
    report = scan(export(*lines))
    state = {8: "near", 10: "near", 11: "breached", 12: "breached"}
    for code in ("DY201", "DY202"):
        assert {(f["shop"], f["state"], f["count"]) for f in findings(report, code)} == {
            (str(n), found, n) for n, found in state.items()
        }


def test_out_of_stock_counts_per_product_and_over_products_per_shop(export, scan):
    other = {**SHORT, "商品ID": "37111"}
    report = scan(export(*[SHORT] * 6, *[other] * 5), shop="一号店")
    assert findings(report, "DY201") == []
    (found,) = findings(report, "DY202")
    assert (found["shop"], found["key"], found["count"]) == ("一号店", "一号店", 11)
    assert (found["limit"], found["limit_is"]) == (10, "more_than")


STRIKES = {
    "2026-11-18 00:00:00": 0,
    "2026-11-18 00:00:01": 1,
    "2026-11-18 23:59:59": 1,
    "2026-11-19 00:00:00": 2,
    "2026-11-19 23:59:59": 2,
    "2026-11-20 00:00:00": 3,
    "2026-11-20 22:00:00": 3,
}
"""How often a line is late that was promised on 2026-11-18 00:00:00, by when it was shipped."""


def test_strikes_of_one_line(export, scan):
    promised = {"承诺发货时间": "2026-11-18 00:00:00"}
    report = scan(export(*({**promised, "发货时间": at} for at in STRIKES)), select=["DY102"])
    hits = report.hits("DY102")
    counts = dict(zip(hits["line_id"].str[-1].astype(int), hits["count"], strict=True))
    assert counts == {n: strikes for n, strikes in enumerate(STRIKES.values(), start=1) if strikes}
    states = {int(f["key"][-1]): f["state"] for f in findings(report, "DY102")}
    state_of = {2: "near", 3: "breached"}
    assert states == {n: state_of[strikes] for n, strikes in counts.items() if strikes in state_of}


def test_strikes_never_exceed_the_cap(export, scan):
    report = scan(export({**LATE, "承诺发货时间": "2026-11-10 00:00:00"}), select=["DY102"])
    (found,) = findings(report, "DY102")
    assert (found["count"], found["next_due_at"]) == (3, None)


def test_the_next_strike_is_the_next_deadline(export, scan):
    report = scan(export({**LATE, "承诺发货时间": "2026-11-19 12:00:00"}), select=["DY102"])
    (found,) = findings(report, "DY102")
    assert (found["state"], found["count"]) == ("near", 2)
    assert (found["due_at"], found["next_due_at"]) == ("2026-11-19T12:00:00", "2026-11-21T12:00:00")


def test_each_rung_of_a_ladder_has_the_next_one(export, scan):
    """Strikes at due, a day and two days after it: one second before, at, and one after each."""
    at = datetime(2026, 11, 21)
    hours, shifts = (0, 24, 48), (1, 0, -1)
    due = [at - timedelta(hours=h, seconds=-s) for h in hours for s in shifts]
    report = scan(export(*({**LATE, "承诺发货时间": str(day)} for day in due)), select=["DY102"])
    hits = report.hits("DY102").set_index("line_id").sort_index()
    found = {int(n[-2:]): (row["count"], row["next_due_at"]) for n, row in hits.iterrows()}
    days = {3: (1, 1), 4: (1, 1), 5: (2, 2), 6: (2, 2), 7: (2, 2), 8: (3, None), 9: (3, None)}
    wanted = {n: (strikes, due[n - 1] + timedelta(days=rung) if rung else None) for n, (strikes, rung) in days.items()}  # fmt: skip
    assert {n: (count, None if pd.isna(moment) else moment) for n, (count, moment) in found.items()} == wanted  # fmt: skip


def test_findings_that_are_near_are_counted_apart_from_broken_ones(export, scan):
    """Products with two late lines warn, with three they break; so do lines near their deadline."""
    due_soon = {**LATE, "承诺发货时间": "2026-11-21 08:00:00"}
    lines = [
        {**LATE, "商品ID": f"3711{n}"} for n, late in enumerate((2, 2, 3)) for _ in range(late)
    ]
    report = scan(export(*lines, due_soon), select=["DY100", "DY101"])
    found = {code: {name: rule(report, code)[name] for name in ("hits", "near", "findings", "breached")} for code in ("DY100", "DY101")}  # fmt: skip
    assert found == {
        "DY100": {"hits": 7, "near": 1, "findings": 8, "breached": 7},
        "DY101": {"hits": 7, "near": 0, "findings": 3, "breached": 1},
    }
    totals = [report.results.total(state) for state in ("breached", "near")]
    assert totals == [8, 3]
    assert "8 breached, 3 near" in repr(report)


def test_a_line_without_a_product_is_judged_but_not_countable_per_product(export, scan):
    report = scan(export(*[{**LATE, "商品ID": "-"}] * 4))
    assert rule(report, "DY101") | {"hits": 4, "uncounted": 4, "findings": 0} == rule(
        report, "DY101"
    )
    assert rule(report, "DY100")["findings"] == 4
    assert "DY101" in _text(report)


def _text(report):
    import io

    from merchantwatch.reports.text import render

    file = io.BytesIO()
    render(report.results, file)
    return file.getvalue().decode()


def test_a_finding_says_what_stands_behind_it(export, scan):
    lines = [
        {**LATE, "承诺发货时间": "2026-11-20 10:00:00", "订单应付金额": "1,100.00"},
        {**LATE, "承诺发货时间": "2026-11-20 09:00:00", "订单应付金额": "5.00"},
        {**LATE, "承诺发货时间": "2026-11-20 09:00:00", "订单应付金额": "7.00"},
        {**LATE, "承诺发货时间": "2026-11-21 09:00:00"},
        {**LATE, "承诺发货时间": "2026-11-23 09:00:00"},
    ]
    (found,) = findings(scan(export(*lines)), "DY101")
    assert found["lines"] == [
        "6900000000000000003",
        "6900000000000000002",
        "6900000000000000001",
    ]
    assert found["amount_at_stake"] == "1112.00"
    assert found["due_at"] == "2026-11-20T09:00:00"
    assert found["next_due_at"] == "2026-11-21T09:00:00"
    assert (found["scope"], found["limit"], found["limit_is"]) == ("product", 3, "at_least")


def test_scopes_lie_within_one_shop(export, scan):
    rows = [{**LATE, "店铺名称": shop} for shop in "甲甲乙乙乙"]
    found = {(f["shop"], f["state"]) for f in findings(scan(export(*rows)), "DY101")}
    assert found == {("甲", "near"), ("乙", "breached")}


def test_findings_are_sorted(export, scan):
    rows = [*[SHORT] * 11, *[LATE] * 3, {**LATE, "承诺发货时间": "2026-11-21 09:00:00"}]
    found = scan(export(*rows)).to_dict()["findings"]
    severities = ["low", "medium", "high", "critical"]
    keys = [
        (f["state"], -severities.index(f["severity"]), f["due_at"] or "9999", f["code"])
        for f in found
    ]
    assert [k[:3] for k in keys] == sorted(k[:3] for k in keys)


def test_of_a_crowded_rule_the_worst_findings_are_listed(export, scan, monkeypatch):
    near = [{**LATE, "承诺发货时间": f"2026-11-21 0{hour}:00:00"} for hour in (9, 8)]
    orders = export(*near, LATE, {**LATE, "承诺发货时间": "2026-11-19 08:00:00"}, SHORT)
    everything = findings(scan(orders, select=["DY100"]), "DY100")
    assert [found["state"] for found in everything] == ["breached", "breached", "near", "near"]
    for most in (1, 2, 3, 4, 5):
        monkeypatch.setattr("merchantwatch.results.findings.MOST_FINDINGS", most)
        report = scan(orders, select=["DY100"])
        assert findings(report, "DY100") == everything[:most]
        assert (rule(report, "DY100")["findings"], rule(report, "DY100")["breached"]) == (4, 2)


def test_a_window_leaves_old_lines_out(export, scan, tmp_path):
    (tmp_path / "merchantwatch.toml").write_text(
        "[rules.DY101]\nwindow_days = 7\n", encoding="utf-8"
    )
    old = {**LATE, "承诺发货时间": "2026-11-13 23:59:59"}
    edge = {**LATE, "承诺发货时间": "2026-11-14 00:00:01"}
    report = scan(export(LATE, old, edge))
    assert rule(report, "DY101")["hits"] == 2


@pytest.mark.looks_at("IR")
def test_intervention_risk_adds_signals_up(export, scan):
    report = scan(
        export({**LATE, "售后状态": "售后待处理"}, {**LATE}, {"售后状态": "退货后拒绝退款"})
    )
    by_line = {f["key"][-1]: f for f in findings(report, "IR900")}
    assert set(by_line) == {"1", "2", "3"}
    assert (by_line["2"]["risk"], by_line["2"]["state"]) == (0.4, "near"), "late alone"
    first = by_line["1"]
    assert first["risk"] == round(1 - (1 - 0.4) * (1 - 0.2) * (1 - 0.3), 4)
    assert (first["state"], first["count"]) == ("breached", 3)
    assert sum(s["share"] for s in first["signals"]) == pytest.approx(first["risk"], abs=1e-3)
    refused = by_line["3"]
    assert refused["risk"] == 0.6, "of a group only the strongest signal counts"
    assert {s["code"]: s["share"] for s in refused["signals"]} == {"IR110": 0.6, "IR111": 0.0}


@pytest.mark.looks_at("IR")
def test_risk_limits_can_be_set(export, scan, tmp_path):
    (tmp_path / "merchantwatch.toml").write_text(
        "[rules.IR900]\nnear = 0.2\nbreached = 0.4\n", encoding="utf-8"
    )
    (found,) = findings(scan(export(LATE)), "IR900")
    assert (found["risk"], found["state"]) == (0.4, "breached")
