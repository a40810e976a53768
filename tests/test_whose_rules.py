"""Whose rules judge: the platform of an export, of each of its lines, or of what it is joined to."""

import csv

import pytest
from conftest import ROOT, rule, write_csv

from merchantwatch.fields import PLATFORMS
from merchantwatch.formats import ANY, formats

pytestmark = pytest.mark.looks_at(
    "DY100", "DY301", "DY306", "TM101", "PD101", "TK101", "AM101", "MP10", "IR"
)
FOLDER = ROOT / "tests" / "formats"
ERP = FOLDER / "jushuitan-orders" / "28" / "export.csv"

LATE = {
    "状态": "已付款待审核",
    "付款日期": "2026-11-10 08:00:00",
    "下单时间": "2026-11-10 07:59:00",
    "计划发货日期": "2026-11-12 08:00:00",
    "发货日期": "",
    "店铺名称": "一号店",
}


def _row(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))


def _erp(tmp_path, *sites, **cells):
    """Write an ERP's export with a late line of each site."""
    rows = [
        {
            **_row(ERP),
            **LATE,
            **cells,
            "线上订单号": str(at),
            "线上子订单编号": str(at),
            "平台站点": site,
        }
        for at, site in enumerate(sites, start=1)
    ]
    return write_csv(tmp_path / "erp.csv", rows)


def test_the_platforms_that_can_be_named_are_those_of_formats():
    named = {form.platform for form in formats()} - {ANY}
    assert set(PLATFORMS) == named | {"taobao", "tmall-global"}  # both read what Tmall exports


def test_each_line_is_judged_by_the_rules_of_its_own_platform(scan, tmp_path):
    path = _erp(tmp_path, "头条放心购", "淘宝天猫", "拼多多", "抖音", "得物", "")
    report = scan(path, as_of="2026-11-21")
    assert report.hits("DY100")["line_id"].tolist() == ["1", "4"]
    assert report.hits("TM101")["line_id"].tolist() == ["2"]
    assert report.hits("PD101")["line_id"].tolist() == ["3"]
    assert sorted(report.hits("IR101")["line_id"]) == ["1", "2", "3", "4", "5", "6"]
    assert rule(report, "DY100")["unjudged"] == 1, "the shop of line 5 is unknown"
    assert rule(report, "TK101")["status"] == "not_applicable"
    (note,) = [n for n in report.to_dict()["notes"] if n["code"] == "unknown-platform"]
    assert (note["lines"], "得物 (1)" in note["text"]) == (1, True)


def test_a_platform_that_no_line_names_is_not_applicable(scan, tmp_path):
    report = scan(_erp(tmp_path, "拼多多"), as_of="2026-11-21")
    assert rule(report, "DY100")["status"] == "not_applicable"
    assert rule(report, "PD101")["hits"] == 1


def test_the_platform_of_the_settings_goes_before_what_lines_name(scan, tmp_path):
    path = _erp(tmp_path, "头条放心购", "得物")
    report = scan(path, as_of="2026-11-21", platform="tmall")
    assert report.hits("TM101")["line_id"].tolist() == ["1", "2"]
    assert rule(report, "DY100")["status"] == "not_applicable"


def test_lines_of_several_platforms_count_apart(scan, tmp_path):
    path = _erp(tmp_path, *["抖音"] * 3, *["淘宝天猫"] * 4, "抖音")
    found = scan(path, as_of="2026-11-21", select="DY101").to_dict()["findings"]
    assert [(f["platform"], f["count"]) for f in found] == [("douyin", 4)]


def test_an_order_that_was_merged_or_split_is_no_line(scan):
    report = scan(ERP, as_of="2026-11-21").to_dict()
    assert report["accounting"]["lines"] == report["accounting"]["rows_read"] == 5
    assert report["inputs"][0]["no_records"] == 1


def _late_parcels(tmp_path):
    row = {"揽收时间": "", "最新物流时间": "", "签收时间": "", "快递公司": "", "物流状态": ""}
    return write_csv(tmp_path / "traces.csv", [{**row, "运单号": "YT1"}, {**row, "运单号": "YT9"}])


def test_a_parcel_of_no_platform_is_joined_by_its_number_alone(scan, tmp_path):
    shipped = {"发货日期": "2026-11-11 08:00:00", "状态": "已发货", "快递单号": "YT1"}
    path = _erp(tmp_path, "抖音", "淘宝天猫", **shipped)
    report = scan(path, _late_parcels(tmp_path), as_of="2026-11-21")
    assert report.hits("DY301")["line_id"].tolist() == ["1"]
    assert rule(report, "DY301")["unjudged"] == 0
    traces = report.to_dict()["inputs"][1]
    assert (traces["rows"], traces["unmatched"]) == (2, 1)


def test_the_last_trace_of_a_courier_is_a_lines_own(scan, tmp_path):
    shipped = {"发货日期": "2026-11-11 08:00:00", "状态": "已发货", "快递单号": "YT1"}
    orders = _erp(tmp_path, "抖音", **shipped)
    trace = {"运单号": "YT1", "揽收时间": "2026-11-11 12:00:00", "签收时间": ""}
    for last, hits in (("2026-11-15 08:00:00", 1), ("2026-11-20 08:00:00", 0)):
        traces = write_csv(tmp_path / "t.csv", [{**trace, "最新物流时间": last}])
        report = scan(orders, traces, as_of="2026-11-21")
        assert rule(report, "DY306")["hits"] == hits


def test_disputes_are_joined_to_orders_of_any_platform_by_the_orders_number(scan):
    orders = FOLDER / "woocommerce-orders" / "16" / "export.csv"
    disputes = FOLDER / "stripe-disputes" / "10" / "export.csv"
    report = scan(orders, disputes, as_of="2026-11-21").to_dict()
    assert report["inputs"][1]["unmatched"] == 1, "dp_3 names no order"
    signals = {f["key"]: f["signals"] for f in report["findings"] if f["code"] == "IR900"}
    assert set(signals) == {"101", "102-1", "102-2"}


def test_disputes_alone_are_read_and_judge_nothing(scan):
    report = scan(FOLDER / "stripe-disputes" / "10" / "export.csv", as_of="2026-11-21").to_dict()
    assert report["inputs"][0]["rows"] == 3
    assert report["accounting"]["lines"] == 0


def test_no_promise_is_computed_where_an_export_has_its_own_or_none(scan, tmp_path):
    row = _row(FOLDER / "shopee-orders" / "21" / "export.csv")
    path = write_csv(tmp_path / "shopee.csv", [{**row, "Estimated Ship Out Date": "-"}])
    report = scan(path, as_of="2026-12-21")
    assert rule(report, "MP101") == rule(report, "MP101") | {"hits": 0, "unjudged": 1}
    assert "promise-computed" not in {n["code"] for n in report.to_dict()["notes"]}
    erp = scan(FOLDER / "wangdiantong-orders" / "20" / "export.csv", platform="douyin")
    assert "promised_ship_at" in rule(erp, "DY100")["missing"]


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-11-19 23:58", None),
        ("2026-11-19 23:59", "near"),
        ("2026-11-20 23:59", "near"),
        ("2026-11-20 23:59:01", "breached"),
    ],
)
def test_shopee_is_judged_by_the_promise_of_its_export(as_of, state, scan, tmp_path):
    row = _row(FOLDER / "shopee-orders" / "21" / "export.csv")
    found = scan(write_csv(tmp_path / "a.csv", [row]), as_of=as_of).to_dict()
    assert [f["state"] for f in found["findings"] if f["code"] == "MP101"] == [state] * bool(state)
    assert {r["status"] for r in found["rules"] if r["code"].startswith("DY")} == {"not_applicable"}


@pytest.mark.parametrize(
    ("code", "version", "late", "near", "shipped_late"),
    [
        ("shopee-orders", "21", ["2611180SAMPLE1-1", "2611180SAMPLE1-2"], [], []),
        ("lazada-orders", "25", ["900000000001", "900000000002"], [], []),
        ("temu-orders", "26", ["211-00001", "211-00002"], [], []),
        ("ebay-orders", "17", ["100000000001"], [], ["100000000002"]),
    ],
)
def test_marketplaces_are_judged_by_their_own_promise(
    code, version, late, near, shipped_late, scan
):
    """A day without an hour ends with the day; a state alone tells what was shipped."""
    report = scan(FOLDER / code / version / "export.csv", as_of="2026-11-21 12:00")
    assert sorted(report.hits("MP101")["line_id"]) == late
    found = {entry["code"]: entry for entry in report.to_dict()["rules"]}
    assert found["MP101"]["near"] == len(near)
    if found["MP102"]["status"] == "evaluated":
        assert report.hits("MP102")["line_id"].tolist() == shipped_late
    assert {r["status"] for r in found.values() if r["code"][:2] in ("DY", "TM", "AM")} == {
        "not_applicable"
    }


def test_signals_judge_lines_of_an_export_that_tells_no_payment(scan):
    """They count as paid when created, unless their state says otherwise."""
    path = FOLDER / "amazon-orders" / "32" / "export.csv"
    report = scan(path, as_of="2026-11-21", platform="amazon").to_dict()
    notes = {note["code"]: note["lines"] for note in report["notes"]}
    assert notes["paid-from-created"] == 4
    assert "promise-computed" not in notes
    (ship_by,) = [entry for entry in report["rules"] if entry["code"] == "AM101"]
    assert "paid_at" not in ship_by["missing"]
    assert "promised_ship_at" in ship_by["missing"]


def test_what_an_erp_counts_is_yuan(scan, tmp_path):
    report = scan(_erp(tmp_path, "抖音"), as_of="2026-11-21", select="DY100", lang="en")
    (finding,) = report.to_dict()["findings"]
    assert finding["currency"] == "CNY"


@pytest.mark.parametrize(("platform", "code"), [("shopee", "MP101"), ("amazon", "AM101")])
def test_a_mapping_computes_no_promise_where_the_platform_knows_no_usual_one(
    platform, code, scan, tmp_path
):
    cells = {
        "line_id": "1",
        "status": "to_ship",
        "paid_at": "2026-11-01 08:00:00",
        "shipped_at": "",
    }
    mapping = {name: name for name in cells}

    def judged(of, rule_code):
        path = write_csv(tmp_path / "mapped.csv", [cells])
        return rule(scan(path, map=mapping, platform=of, as_of="2026-11-21"), rule_code)

    assert judged(platform, code)["status"] == "not_evaluated"
    assert judged(platform, "IR101")["status"] == "not_evaluated"
    assert judged("douyin", "DY100")["hits"] == 1


def test_text_says_once_whose_rules_judge_and_then_what_else_is_assumed(scan, tmp_path):
    """What stands in the head takes no room from the first of the notes."""
    row = {"id": "1", "paid": "2026-11-16 10:00:00", "created": "2026-11-16 09:00:00"}
    path = write_csv(tmp_path / "a.csv", [row, row])
    mapped = {"order_id": "id", "paid_at": "paid", "created_at": "created"}
    scan(path, map=mapped, select=["DY100"]).write(tmp_path / "r.txt")
    text = " ".join((tmp_path / "r.txt").read_text("utf-8").split())
    assert text.count("nothing names the platform") == 1
    assert "Notes · " in text
