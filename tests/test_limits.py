"""Counting: how many hits of a scope make a finding, and what the finding says."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from conftest import AS_OF, LATE, SHORT, douyin, findings, rule, write_csv

import merchantwatch as mw

OF_DOUYIN = ("DY100", "DY101", "DY102", "DY201", "DY202")

pytestmark = [
    pytest.mark.every_engine,
    pytest.mark.looks_at(*OF_DOUYIN),
    pytest.mark.xdist_group("limits"),  # so that one process makes the scan that most look at
]

SHOPS: dict[str, list[dict[str, str]]] = {}
"""The lines of shops, all of which one scan judges: on Spark, scans of few lines mostly plan."""


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """All shops as one export. A line's id ends in its number within its shop, from 1 on."""
    lines = [
        {**line, "店铺名称": shop, "主订单编号": line_id, "子订单编号": line_id}
        for place, (shop, some) in enumerate(SHOPS.items(), start=1)
        for number, line in enumerate(some, start=1)
        for line_id in [f"69{place:08}{number:09}"]
    ]
    return write_csv(tmp_path_factory.mktemp("limits") / "orders.csv", douyin(*lines))


@pytest.fixture(scope="module")
def report(engine, orders):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(orders.parent)
        judged = mw.scan(orders, as_of=AS_OF, engine=engine, select=list(OF_DOUYIN))
    yield judged
    judged.close()


@pytest.fixture
def found(report):
    """The findings of a shop by a rule."""
    return lambda shop, code: [f for f in findings(report, code) if f["shop"] == shop]


@pytest.fixture
def hits(report):
    """The hits of a shop by a rule, by the number of the line."""

    def of(shop, code):
        rows = report.hits(code)
        rows = rows[rows["shop"] == shop]
        return rows.set_index(rows["line_id"].str[-9:].astype(int)).sort_index()

    return of


def _states(some):
    return {(f["key"], f["state"], f["count"]) for f in some}


SHOPS["late"] = [
    {**line, "商品ID": f"3711{late}"} for late in range(1, 5) for line in (*[LATE] * late, {}, {})
]


def test_late_lines_of_a_product(found, hits):
    """Products of one late line, of two, three and four, each with others that are not."""
    assert _states(found("late", "DY101")) == {
        ("37112", "near", 2),
        ("37113", "breached", 3),
        ("37114", "breached", 4),
    }
    assert len(hits("late", "DY101")) == 1 + 2 + 3 + 4


SHORTAGES = [7, 8, 10, 11, 12]
SHOPS |= {f"short {n}": [*[SHORT] * n, {}] for n in SHORTAGES}


def test_out_of_stock_lines(found):
    """Shops of seven such lines of one product, of eight, and of ten to twelve."""
    state = {8: "near", 10: "near", 11: "breached", 12: "breached"}
    for code in ("DY201", "DY202"):
        of_shops = {n: found(f"short {n}", code) for n in SHORTAGES}
        assert {(n, f["state"], f["count"]) for n, some in of_shops.items() for f in some} == {
            (n, expected, n) for n, expected in state.items()
        }


SHOPS["一号店"] = [*[SHORT] * 6, *[{**SHORT, "商品ID": "37111"}] * 5]


def test_out_of_stock_counts_per_product_and_over_products_per_shop(found):
    assert found("一号店", "DY201") == []
    (one,) = found("一号店", "DY202")
    assert (one["shop"], one["key"], one["count"]) == ("一号店", "一号店", 11)
    assert (one["limit"], one["limit_is"]) == (10, "more_than")


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

SHOPS["strikes"] = [
    {"承诺发货时间": "2026-11-18 00:00:00", "发货时间": at, "商品ID": f"{n}"}
    for n, at in enumerate(STRIKES)
]


def test_strikes_of_one_line(found, hits):
    counts = dict(hits("strikes", "DY102")["count"])
    assert counts == {n: strikes for n, strikes in enumerate(STRIKES.values(), start=1) if strikes}
    states = {int(f["key"][-1]): f["state"] for f in found("strikes", "DY102")}
    state_of = {2: "near", 3: "breached"}
    assert states == {n: state_of[strikes] for n, strikes in counts.items() if strikes in state_of}


SHOPS["capped"] = [{**LATE, "承诺发货时间": "2026-11-10 00:00:00"}]


def test_strikes_never_exceed_the_cap(found):
    (one,) = found("capped", "DY102")
    assert (one["count"], one["next_due_at"]) == (3, None)


SHOPS["next"] = [{**LATE, "承诺发货时间": "2026-11-19 12:00:00"}]


def test_the_next_strike_is_the_next_deadline(found):
    (one,) = found("next", "DY102")
    assert (one["state"], one["count"]) == ("near", 2)
    assert (one["due_at"], one["next_due_at"]) == ("2026-11-19T12:00:00", "2026-11-21T12:00:00")


DUE = [
    datetime(2026, 11, 21) - timedelta(hours=hours, seconds=-shift)
    for hours in (0, 24, 48)
    for shift in (1, 0, -1)
]
SHOPS["ladder"] = [
    {**LATE, "承诺发货时间": str(day), "商品ID": f"{n}"} for n, day in enumerate(DUE)
]


def test_each_rung_of_a_ladder_has_the_next_one(hits):
    """Strikes at due, a day and two days after it: one second before, at, and one after each."""
    found = {n: (row["count"], row["next_due_at"]) for n, row in hits("ladder", "DY102").iterrows()}
    days = {3: (1, 1), 4: (1, 1), 5: (2, 2), 6: (2, 2), 7: (2, 2), 8: (3, None), 9: (3, None)}
    wanted = {n: (strikes, DUE[n - 1] + timedelta(days=rung) if rung else None) for n, (strikes, rung) in days.items()}  # fmt: skip
    assert {n: (count, None if pd.isna(moment) else moment) for n, (count, moment) in found.items()} == wanted  # fmt: skip


SHOPS["no product"] = [{**LATE, "商品ID": "-"}] * 4


def test_a_line_without_a_product_is_judged_but_not_countable_per_product(report, found, hits):
    assert found("no product", "DY101") == []
    assert len(hits("no product", "DY101")) == rule(report, "DY101")["uncounted"] == 4
    assert len(found("no product", "DY100")) == 4
    text = _text(report)
    assert [code for code in OF_DOUYIN if f"{code}: some lines unjudged" in text] == ["DY101"]


def _text(report):
    import io

    from merchantwatch.reports.text import render

    file = io.BytesIO()
    render(report.results, file)
    return file.getvalue().decode()


SHOPS["behind"] = [
    {**LATE, "承诺发货时间": "2026-11-20 10:00:00", "订单应付金额": "1,100.00"},
    {**LATE, "承诺发货时间": "2026-11-20 09:00:00", "订单应付金额": "5.00"},
    {**LATE, "承诺发货时间": "2026-11-20 09:00:00", "订单应付金额": "7.00"},
    {**LATE, "承诺发货时间": "2026-11-21 09:00:00"},
    {**LATE, "承诺发货时间": "2026-11-23 09:00:00"},
]


def test_a_finding_says_what_stands_behind_it(found):
    (one,) = found("behind", "DY101")
    assert [int(line[-9:]) for line in one["lines"]] == [3, 2, 1]
    assert one["amount_at_stake"] == "1112.00"
    assert one["due_at"] == "2026-11-20T09:00:00"
    assert one["next_due_at"] == "2026-11-21T09:00:00"
    assert (one["scope"], one["limit"], one["limit_is"]) == ("product", 3, "at_least")


SHOPS |= {"甲": [LATE] * 2, "乙": [LATE] * 3}


def test_scopes_lie_within_one_shop(found):
    assert _states(found("甲", "DY101")) == {("37110", "near", 2)}
    assert _states(found("乙", "DY101")) == {("37110", "breached", 3)}


def test_findings_are_sorted(report):
    severities = ["low", "medium", "high", "critical"]
    keys = [
        (f["state"], -severities.index(f["severity"]), f["due_at"] or "9999")
        for f in report.to_dict()["findings"]
    ]
    assert keys == sorted(keys)
    assert len(set(keys)) > 20


def test_the_counts_of_a_rule_are_those_of_its_hits_and_findings(report):
    for code in OF_DOUYIN:
        states = [f["state"] for f in findings(report, code)]
        assert rule(report, code)["hits"] == (report.hits(code)["state"] == "hit").sum()
        assert rule(report, code)["findings"] == len(states)
        assert rule(report, code)["breached"] == states.count("breached")


def test_of_a_crowded_rule_the_worst_findings_are_listed(report, orders, scan, monkeypatch):
    """Of rules with fewer findings than are listed, just as many, one more, and many more."""
    everything = {code: findings(report, code) for code in OF_DOUYIN}
    most = len(everything["DY202"])
    assert sorted(len(some) - most for some in everything.values())[:3] == [-1, 0, 1]
    monkeypatch.setattr("merchantwatch.results.findings.MOST_FINDINGS", most)
    few = scan(orders)
    for code, some in everything.items():
        assert findings(few, code) == some[:most]
        for count in ("findings", "breached"):
            assert rule(few, code)[count] == rule(report, code)[count]


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


@pytest.mark.looks_at("DY101", "IR")
def test_a_window_and_limits_of_risk_can_be_set(export, scan, tmp_path):
    """A window leaves old lines out."""
    (tmp_path / "merchantwatch.toml").write_text(
        "[rules.DY101]\nwindow_days = 7\n[rules.IR900]\nnear = 0.2\nbreached = 0.4\n",
        encoding="utf-8",
    )
    old = {**LATE, "承诺发货时间": "2026-11-13 23:59:59"}
    edge = {**LATE, "承诺发货时间": "2026-11-14 00:00:01"}
    report = scan(export(LATE, old, edge))
    assert set(report.hits("DY101")["line_id"].str[-1]) == {"1", "3"}
    assert rule(report, "DY101")["hits"] == 2
    by_line = {f["key"][-1]: f for f in findings(report, "IR900")}
    assert (by_line["1"]["risk"], by_line["1"]["state"]) == (0.4, "breached")
