"""The risk that the platform steps in: its shares, and what the lines at risk have in common."""

import json

import pytest
from conftest import douyin, write_csv

from merchantwatch.run.why import explain

pytestmark = pytest.mark.looks_at("IR")
FIELDS = ("line_id", "order_id", "created_at", "paid_at", "promised_ship_at", "shipped_at", "status",
          "product_id", "product_name", "amount", "carrier", "warehouse", "case_status", "case_type",
          "case_reason", "case_applied_at", "intervention", "case_due_at", "case_closed_at",
          "tracking_no", "delivered_at", "estimated_delivery_at", "booked_delivery_at")  # fmt: skip
CASE = {
    "created_at": "2026-11-10 08:00:00",
    "paid_at": "2026-11-10 08:00:00",
    "promised_ship_at": "2026-11-12 08:00:00",
    "shipped_at": "2026-11-11 08:00:00",
    "status": "shipped",
    "amount": "10.00",
    "product_id": "1",
    "product_name": "杯子",
    "carrier": "甲",
    "case_status": "seller_to_answer",
    "case_type": "refund_only",
    "case_reason": "质量问题",
    "case_applied_at": "2026-11-18 08:00:00",
    "intervention": "none",
}


@pytest.fixture
def judged(scan, tmp_path):
    """Scan lines with cases."""

    def scanned(*lines):
        rows = [
            dict.fromkeys(FIELDS, "") | CASE | {"line_id": f"L{n}", "order_id": f"O{n}"} | line
            for n, line in enumerate(lines)
        ]
        return scan(write_csv(tmp_path / "a.csv", rows), map={name: name for name in FIELDS})

    return scanned


def _named(report):
    named = report.to_dict()["causes"]["named"]
    return [(c["kind"], c["value"], c["lines"], c["of"], c["amount_at_stake"]) for c in named]


def test_causes_are_named_by_product_warehouse_carrier_and_reason(judged, tmp_path):
    lines = [{}] * 15 + [{"product_id": "2", "carrier": "乙", "case_reason": "发错货"}] * 5
    report = judged(*lines)
    page = report.write(tmp_path / "a.html", "html").read_text("utf-8")
    assert "carrier 甲: 15 of 20 lines" in page, "its name once"
    assert _named(report) == [
        ("product", "1", 15, 20, "150.00"),
        ("product", "2", 5, 20, "50.00"),
        ("carrier", "甲", 15, 20, "150.00"),
        ("carrier", "乙", 5, 20, "50.00"),
        ("reason", "质量问题", 15, 20, "150.00"),
        ("reason", "发错货", 5, 20, "50.00"),
    ]


def test_a_cause_of_too_few_lines_is_not_named(judged):
    lines = [{}] * 16 + [{"product_id": "2"}] * 4
    assert [entry for entry in _named(judged(*lines)) if entry[0] == "product"] == [
        ("product", "1", 16, 20, "160.00")
    ]


def test_too_few_lines_at_risk_name_nothing_and_say_so(judged, tmp_path):
    report = judged(*[{}] * 19, {"case_status": "refunded"})
    assert _named(report) == []
    assert report.to_dict()["causes"]["lines"] == {
        "product": 19,
        "warehouse": 0,
        "carrier": 19,
        "reason": 19,
    }
    page = report.write(tmp_path / "a.html", "html").read_text("utf-8")
    assert "product, carrier, reason: fewer than 20 lines at risk" in page
    text = report.write(tmp_path / "a.txt", "text").read_text("utf-8")
    assert "Where the risk of intervention gathers" not in text, "a terminal tells causes alone"


def test_shares_add_up_and_a_group_counts_once(judged):
    (found,) = [
        f
        for f in judged({"case_status": "refused", "intervention": "asked"}).to_dict()["findings"]
        if f["code"] == "IR900"
    ]
    assert found["risk"] == round(1 - (1 - 0.4) * (1 - 0.9) * (1 - 0.2), 4)
    shares = {signal["code"]: signal["share"] for signal in found["signals"]}
    assert shares.keys() == {"IR111", "IR112", "IR117"}
    assert sum(shares.values()) == pytest.approx(found["risk"], abs=0.0002)


def _risk(report):
    found = [f for f in report.to_dict()["findings"] if f["code"] == "IR900"]
    return {f["key"]: (f["state"], f["risk"]) for f in found}


@pytest.mark.parametrize("case_type", ["return_refund", "exchange", "refund_only"])
def test_a_refusal_is_no_risk_once_the_platform_has_ruled_for_the_merchant(judged, case_type):
    refused = {"case_status": "refused", "case_type": case_type, "case_reason": ""}
    ruled = [refused | {"intervention": word} for word in ("seller_won", "buyer_won", "none", "")]
    assert _risk(judged(*ruled)).keys() == {"L1", "L2", "L3"}


PROMISED = {"promised_ship_at": "2026-11-12 08:00:00", "case_status": "refunded"}


RISING = {
    "2026-11-12 08:00:00": None,
    "2026-11-12 08:00:01": 0.4,
    "2026-11-13 07:59:59": 0.4,
    "2026-11-13 08:00:00": 0.45,
    "2026-11-14 08:00:00": 0.49,
    "2026-11-16 07:59:59": 0.49,
    "2026-11-16 08:00:00": 0.7,
    "2026-11-19 07:59:59": 0.7,
    "": 0.78,  # not yet, 8 days late
}


@pytest.mark.every_engine
@pytest.mark.looks_at("IR900")
def test_risk_rises_with_how_late_a_line_is(judged):
    """In time, a second late, and before and at 24, 48 and 96 hours; and almost a week."""
    lines = [
        PROMISED | {"shipped_at": shipped, "status": "shipped" if shipped else "to_ship"}
        for shipped in RISING
    ]
    assert _risk(judged(*lines)) == {
        f"L{n}": ("breached" if risk > 0.5 else "near", risk)
        for n, risk in enumerate(RISING.values())
        if risk is not None
    }


def test_late_by_two_weeks_now(judged):
    late = {"promised_ship_at": "2026-11-07 00:00:00", "shipped_at": "", "status": "to_ship"}
    later = late | {"promised_ship_at": "2026-11-07 00:00:01"}
    assert {
        key: risk for key, (_, risk) in _risk(judged(PROMISED | late, PROMISED | later)).items()
    } == {
        "L0": 0.85,
        "L1": 0.78,
    }


def test_lateness_of_delivery_adds_to_that_of_shipping(judged):
    late = {"shipped_at": "2026-11-12 08:00:01", "estimated_delivery_at": "2026-11-15 08:00:00"}
    lines = [
        late | {"delivered_at": at} for at in ("2026-11-15 08:00:00", "2026-11-15 08:00:01", "")
    ]
    risks = {
        key: risk for key, (_, risk) in _risk(judged(*[PROMISED | line for line in lines])).items()
    }
    assert risks == {"L0": 0.4, "L1": round(1 - 0.6 * 0.56, 4), "L2": round(1 - 0.6 * 0.27, 4)}


def test_why_names_the_grade_that_a_line_has_reached(judged):
    report = judged(PROMISED | {"shipped_at": "2026-11-16 08:00:00"})
    found = explain(report._run, "L0", "en")
    assert "IR103 shipped after the promise: 0.70 [shipping], share 0.7000" in found
    assert "1 - (1 - 0.70) = 0.7000" in found


def test_a_settings_file_says_other_risks(run, tmp_path):
    columns = {name: name for name in FIELDS}
    line = (
        dict.fromkeys(FIELDS, "")
        | CASE
        | PROMISED
        | {"line_id": "L0", "shipped_at": "2026-11-12 08:00:01"}
    )
    write_csv(tmp_path / "a.csv", [line])
    mapping = "".join(f"{name} = '{name}'\n" for name in columns)

    def risk(text):
        (tmp_path / "merchantwatch.toml").write_text(f"[risk]\n{text}\n[map]\n{mapping}", "utf-8")
        return run("scan", "a.csv", "--as-of", "2026-11-21", "--select", "IR900", "-o", "json")

    found = json.loads(risk("near = 0.1\nIR103 = [['0 hours', 0.15], ['1 hours', 0.2]]").stdout)
    assert [(f["state"], f["risk"]) for f in found["findings"]] == [("near", 0.15)]
    assert json.loads(risk("IR103 = 0.2").stdout)["findings"] == []
    for setting in (
        "IR999 = 0.2",
        "IR103 = 2",
        "IR103 = [['1 hours', 0.2]]",
        "IR108 = [['0 hours', 0.2], ['2 hours', 0.3]]",
    ):
        done = risk(setting)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert setting.split()[0] in done.stderr


@pytest.mark.parametrize(
    ("reason", "name", "have", "missing"),
    [
        ("快递一直未收到", "not-received", 0, 5),
        ("拒签-质量问题", "refused-delivery", 1, 4),
        ("质量问题", "quality", 1, 4),
        ("少件/空包裹", "not-received", 0, 5),
        ("漏发配件", "too-few", 1, 3),
        ("不想要了", "changed-mind", 1, 4),
        ("其他", "other", 1, 2),
        ("", "other", 1, 2),
    ],
)
def test_what_to_have_in_hand(judged, reason, name, have, missing):
    (found,) = [
        f
        for f in judged({"case_reason": reason, "intervention": "asked"}).to_dict()["findings"]
        if f["code"] == "IR900"
    ]
    needs = found["evidence"]
    assert (needs["reason"], len(needs["have"]), len(needs["missing"])) == (name, have, missing)


def test_evidence_is_shown_with_its_deadline(judged):
    line = {
        "case_due_at": "2026-11-22 08:00:00",
        "tracking_no": "SF1",
        "delivered_at": "2026-11-15 08:00:00",
        "case_reason": "未收到货",
    }
    report = judged(line)
    (found,) = [f for f in report.to_dict()["findings"] if f["code"] == "IR900"]
    assert found["evidence"]["due_at"] == "2026-11-22T08:00:00"
    assert found["evidence"]["have"] == ["shipping record and tracking number", "time of delivery"]
    shown = explain(report._run, "L0", "en")
    assert "Have in hand (× the exports prove it): not received, until 2026-11-22 08:00:00" in shown
    assert "  · the signed delivery slip" in shown


@pytest.mark.looks_at("DY103", "DY403", "IR")
def test_findings_about_a_case_say_what_to_have_in_hand(judged, tmp_path):
    """The evidence that the platform asks for stands beside the finding, in every report."""
    line = {"intervention": "evidence", "case_due_at": "2026-11-21 06:00:00"}
    report = judged(line, {"case_applied_at": "", "case_status": ""})
    (found,) = [f for f in report.to_dict()["findings"] if f["code"] == "DY403"]
    assert found["evidence"]["reason"] == "quality"
    assert found["evidence"]["due_at"] == "2026-11-21T06:00:00"
    late = [f for f in report.to_dict()["findings"] if f["code"] == "DY103"]
    assert all("evidence" not in f for f in late)
    text = " ".join(report.write(tmp_path / "r.txt").read_text("utf-8").split())
    assert "evidence still missing: proof of purchase, an inspection report" in text
    assert "(by 2026-11-21 06:00:00)" in text
    page = report.write(tmp_path / "r.html").read_text("utf-8")
    for words in ("质检报告", "an inspection report", "导出已能证明", "shipping record"):
        assert words in page


def test_a_line_without_a_case_needs_nothing(judged):
    line = {
        "case_applied_at": "",
        "case_status": "",
        "case_reason": "",
        "shipped_at": "",
        "status": "to_ship",
        "promised_ship_at": "2026-11-12 08:00:00",
    }
    (found,) = [f for f in judged(line).to_dict()["findings"] if f["code"] == "IR900"]
    assert "evidence" not in found


# ------------------------------------------------- what an order of several lines tells

ORDERS = ("line_id", "order_id", "shop", "created_at", "paid_at", "promised_ship_at", "shipped_at", "status",
          "quantity")  # fmt: skip
SENT_LATE = {"shipped_at": "2026-11-12 08:00:01"}


def _of_orders(scan, folder, lines, *, without=(), **given):
    """The risk of lines, each with the signals that make it."""
    one = CASE | {"quantity": "1", "shop": "甲"}
    rows = [
        {name: {**one, "line_id": f"L{n}", **line}[name] for name in ORDERS if name not in without}
        for n, line in enumerate(lines)
    ]
    mapping = {name: name for name in ORDERS if name not in without}
    report = scan(write_csv(folder / "orders.csv", rows), map=mapping, **given)
    found = [f for f in report.to_dict()["findings"] if f["code"] == "IR900"]
    return {f["key"]: (f["risk"], [s["code"] for s in f["signals"]]) for f in found}


@pytest.mark.every_engine
@pytest.mark.looks_at("IR900")
def test_an_order_of_several_sellers_is_near_and_several_pieces_of_one_seller_are_nothing(
    scan, tmp_path
):
    lines = [
        {"order_id": "two sellers"}, {"order_id": "two sellers", "shop": "乙"},
        {"order_id": "one seller"}, {"order_id": "one seller"} | SENT_LATE,
        {"order_id": "two pieces", "quantity": "2"} | SENT_LATE,
        {"order_id": "one piece"} | SENT_LATE,
    ]  # fmt: skip
    assert _of_orders(scan, tmp_path, lines) == {
        "L0": (0.49, ["IR125", "IR126"]),
        "L1": (0.49, ["IR125", "IR126"]),
        "L3": (0.4, ["IR103"]),
        "L4": (0.4, ["IR103"]),
        "L5": (0.4, ["IR103"]),
    }


def test_several_pieces_of_unknown_order_are_near(scan, tmp_path):
    lines = [
        {"order_id": "a", "quantity": "1"}, {"order_id": "b", "quantity": "2"},
        {"order_id": "c", "quantity": "2"} | SENT_LATE, {"order_id": "d", "quantity": ""},
    ]  # fmt: skip
    both = round(1 - 0.6 * 0.53, 4)
    risks = {"L1": (0.47, ["IR126"]), "L2": (both, ["IR103", "IR126"])}
    assert _of_orders(scan, tmp_path, lines, without=("shop",)) == risks
    one = _of_orders(scan, tmp_path, lines, without=("shop",), shop="甲")
    assert one == {"L2": (0.4, ["IR103"])}, "named by a setting, all are of one shop"


@pytest.mark.every_engine
@pytest.mark.looks_at("IR900")
@pytest.mark.parametrize("shipped", ["", "2026-11-20 08:00:00"])
def test_by_a_computed_promise_a_line_is_late_by_the_first_grade(scan, tmp_path, shipped):
    cells = {"shipped_at": shipped, "status": "shipped" if shipped else "to_ship"}
    stated = cells | {"order_id": "a"}
    lines = [stated, stated | {"promised_ship_at": ""}]
    found = _of_orders(scan, tmp_path, lines)
    assert {key: risk for key, (risk, _) in found.items()} == {"L0": 0.78, "L1": 0.4}


def test_sellers_are_counted_by_the_newest_export_and_not_by_lines_of_later(scan, tmp_path):
    rows = [
        {**CASE, "line_id": f"L{n}", "order_id": "a", "shop": shop, "quantity": "1"}
        for n, shop in enumerate("甲乙")
    ]
    older, newer, later = ([{k: row[k] for k in ORDERS} for row in rows] for _ in range(3))
    newer[1]["shop"] = "甲"
    later[1]["created_at"] = "2026-11-22 08:00:00"
    mapping = {name: name for name in ORDERS}
    for second, hits in ((newer, 0), (older, 2), (later, 0)):
        files = [write_csv(tmp_path / f"{n}.csv", table) for n, table in enumerate((older, second))]
        report = scan(*files, map=mapping, select="IR125")
        assert len(report.hits("IR125")) == hits


def test_lines_of_an_order_are_its_pieces_where_it_is_unknown_whose_they_are(scan, tmp_path):
    lines = [{"order_id": "a"}, {"order_id": "a"}, {"order_id": "b"}]
    expected = {"L0": (0.47, ["IR126"]), "L1": (0.47, ["IR126"])}
    assert _of_orders(scan, tmp_path, lines, without=("shop", "quantity")) == expected
    assert _of_orders(scan, tmp_path, lines, without=("shop", "quantity"), shop="甲") == {}


def test_what_a_platform_exports_to_a_merchant_is_of_one_seller(scan, tmp_path):
    lines = [
        {"子订单编号": f"690000000000000000{n}", "主订单编号": "6900000000000000009"} for n in "12"
    ]
    report = scan(write_csv(tmp_path / "orders.csv", douyin(*lines)), select="IR126")
    assert [rule["status"] for rule in report.to_dict()["rules"] if rule["code"] == "IR126"] == [
        "not_evaluated"
    ]
