"""Rows that are no records (totals, explanations, headers that stand there again): reported, not counted."""

import json

import pandas as pd
import pytest
from conftest import AS_OF, DOUYIN, LATE, ROOT, SAMPLE, douyin, write_csv
from workbooks import write_xlsx

EMPTY = dict.fromkeys(DOUYIN, "")
AGAIN = {name: name for name in DOUYIN}
EXPLAINED = {name: f"{name}的说明" for name in DOUYIN}
TOTAL = {**EMPTY, "主订单编号": "合计", "商品数量": "2", "订单应付金额": "198.00"}
NO_IDS = {**LATE, "主订单编号": "", "子订单编号": ""}


def _counts(report) -> dict[str, int]:
    """What stands in the inputs and the note of a report: rows, quarantined, no records."""
    (item,) = report.to_dict()["inputs"]
    notes = [n["text"] for n in report.to_dict()["notes"] if n["code"] == "no-records"]
    assert len(notes) == (item["no_records"] > 0)
    accounting = report.to_dict()["accounting"]
    rows = accounting.pop("rows_read")
    assert rows == item["rows"] == sum(accounting.values())
    return {name: item[name] for name in ("rows", "quarantined", "no_records")}


@pytest.mark.every_engine
@pytest.mark.looks_at("DY100")
@pytest.mark.parametrize(
    ("rows", "bad", "none"),
    [
        ([LATE, LATE], 0, 0),
        ([LATE, LATE, TOTAL], 0, 1),
        ([LATE, LATE, {**TOTAL, "主订单编号": "总 计："}], 0, 1),
        ([LATE, LATE, {**TOTAL, "主订单编号": "Grand Total"}], 0, 1),
        ([LATE, LATE, {**EMPTY, "选购商品": "合计：", "订单应付金额": "198.00"}], 0, 1),
        ([LATE, LATE, {**TOTAL, "主订单编号": ""}], 0, 1),
        ([LATE, LATE, {**EMPTY, "商品数量": "2"}], 0, 1),
        ([LATE, LATE, {**TOTAL, "主订单编号": "", "选购商品": "样品"}], 1, 0),  # more than numbers
        ([LATE, LATE, {**EMPTY, "选购商品": "样品"}], 1, 0),  # no number
        ([LATE, LATE, {**TOTAL, "主订单编号": "", "订单提交时间": "2026-11-18 07:55:00"}], 1, 0),
        ([LATE, AGAIN, LATE, AGAIN], 0, 2),
        ([EXPLAINED, LATE, LATE], 0, 1),
        ([LATE, EXPLAINED, LATE], 1, 0),  # further down its words are ids, and no times
        ([EXPLAINED, LATE, AGAIN, LATE, TOTAL], 0, 3),
        ([LATE, NO_IDS, LATE], 1, 0),
        ([TOTAL], 0, 1),
    ],
)  # fmt: skip
def test_what_is_no_record(rows, bad, none, scan, tmp_path):
    report = scan(write_csv(tmp_path / "a.csv", douyin(*rows)))
    assert _counts(report) == {"rows": len(rows) - none, "quarantined": bad, "no_records": none}
    assert len(report.quarantine) == bad


@pytest.mark.parametrize("container", ["xlsx", "table", "parquet"])
def test_what_is_no_record_in_other_containers(container, scan, tmp_path):
    rows = douyin(EXPLAINED, LATE, AGAIN, LATE, TOTAL)
    if container == "xlsx":
        source = write_xlsx(tmp_path / "a.xlsx", [list(DOUYIN), *(list(r.values()) for r in rows)])
    else:
        source = pd.DataFrame(rows)
        if container == "parquet":
            source.to_parquet(tmp_path / "a.parquet", index=False)
            source = tmp_path / "a.parquet"
    report = scan(source)
    assert _counts(report) == {"rows": 2, "quarantined": 0, "no_records": 3}
    assert len(report.hits("DY100")) == 2


@pytest.mark.every_engine
@pytest.mark.looks_at("DY100")
def test_a_header_again_among_parcels(export, scan, tmp_path):
    lines = (SAMPLE / "parcels.csv").read_text("utf-8-sig").splitlines()[:5]
    path = tmp_path / "parcels.csv"
    path.write_text("\n".join([*lines, lines[0], ""]), "utf-8")
    report = scan(export(LATE), path)
    (item,) = [item for item in report.to_dict()["inputs"] if item["kind"] == "parcels"]
    assert (item["rows"], item["quarantined"], item["no_records"]) == (4, 0, 1)


def test_the_explanations_of_tiktok_are_recognised(scan):
    report = scan(ROOT / "tests" / "formats" / "tiktok-orders" / "57" / "export.csv")
    (note,) = [n["text"] for n in report.to_dict()["notes"] if n["code"] == "no-records"]
    assert "the row explains the columns (row 2)" in note


def test_the_note_says_why_and_where(scan, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(LATE, AGAIN, LATE, AGAIN, TOTAL))
    (note,) = [n for n in scan(path).to_dict()["notes"] if n["code"] == "no-records"]
    assert note["lines"] == 0
    assert note["text"].endswith(
        "not counted as read: 3; the header stands there again (2 from row 3 on); "
        "the row is a total (row 6)"
    )
    chinese = scan(path, lang="zh").to_dict()["notes"]
    (note,) = [n["text"] for n in chinese if n["code"] == "no-records"]
    assert "有 3 行不是记录，不计入所读的行：表头又出现一次（自第 3 行起 2 行）" in note


def test_no_exit_code_is_due_to_them(run, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(EXPLAINED, LATE, AGAIN, TOTAL))
    done = run("scan", path, "--as-of", AS_OF, "-q", "-o", "json")
    assert done.returncode == 0
    assert done.stderr == ""
    bad = write_csv(tmp_path / "b.csv", douyin(LATE, NO_IDS, TOTAL))
    done = run("scan", bad, "--as-of", AS_OF, "-q", "-o", "json")
    assert done.returncode == 3
    assert "1 of 2 rows could not be understood" in done.stderr


def test_check_tells_them_apart_from_faults(run, tmp_path):
    path = write_csv(tmp_path / "a.csv", douyin(LATE, AGAIN, NO_IDS, TOTAL))
    result = json.loads(run("check", path, "-o", "json").stdout)["inputs"][0]
    assert (result["rows"], result["quarantined"], result["no_records"]) == (2, 1, 2)
    assert [fault["reason"] for fault in result["faults"]] == ["DQ101"]
    assert [(one["reason"], one["first_row"]) for one in result["left_out"]] == [
        ("DQ303", 3),
        ("DQ306", 5),
    ]
    assert "2 more that are no records" in run("check", path).stdout
