"""Reports: the contract, nothing personal, nothing that a spreadsheet would run."""

import csv
import io
import json
import zipfile
from datetime import datetime
from decimal import Decimal

import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import AS_OF, LATE, SAMPLE, SHORT, douyin, write_csv

import merchantwatch as mw
from merchantwatch.reports import FORMATS
from merchantwatch.reports.text import render as render_text

CONTRACT = {
    "inputs": {"path", "format", "encoding", "rows", "exported_at", "exported_at_from"},
    "rules": {"code", "name", "status"},
    "findings": {
        "code", "state", "severity", "platform", "shop", "scope", "key", "count", "limit", "limit_is",
        "amount_at_stake", "penalty", "due_at", "next_due_at", "lines", "reason", "action",
    },
    "notes": {"code", "lines", "text"},
}  # fmt: skip
NAMED = ("tasks-csv", "md")
"""Formats that name a product by its name alone."""
NUMBERS = ("prometheus",)
"""Formats that hold totals alone."""
PERSONAL = {
    "收件人": "王小明机密",
    "收件人手机号": "13800138000",
    "详细地址": "某路一号机密",
    "买家留言": "请尽快机密",
    "商家备注": "缺货，客户王小明机密",
}


@pytest.fixture(scope="module")
def sample():
    with mw.scan([SAMPLE / "orders.csv", SAMPLE / "parcels.csv"], as_of=AS_OF) as report:
        yield report


@pytest.fixture(scope="module")
def of_persons(tmp_path_factory):
    """A report of lines that hold personal data."""
    damaged = {**SHORT, "商品ID": "37110;37111"}
    rows = [row | PERSONAL for row in douyin(*[SHORT] * 12, damaged)]
    path = write_csv(tmp_path_factory.mktemp("persons") / "orders.csv", rows)
    with mw.scan([path], as_of=AS_OF) as report:
        yield report


def test_json_keeps_the_contract(sample):
    report = sample.to_dict()
    assert report["schema"] == "merchantwatch.report/1"
    assert report["as_of"] == "2026-11-21T00:00:00"
    for part, fields in CONTRACT.items():
        assert report[part]
        assert all(fields <= set(entry) for entry in report[part]), part
    evaluated = {"hits", "unjudged", "uncounted", "findings"}
    assert all(evaluated <= set(e) for e in report["rules"] if e["status"] == "evaluated")
    assert json.loads(json.dumps(report)) == report


def test_the_sample_tells_its_story(sample):
    counts = {
        entry["code"]: (entry["breached"], entry["findings"] - entry["breached"])
        for entry in sample.to_dict()["rules"]
        if entry["status"] == "evaluated" and not entry["signal"]
    }
    expected = {
        "DY100": (3, 1),
        "DY101": (1, 1),
        "DY201": (1, 1),
        "DY202": (1, 0),
        "DY301": (1, 1),
        "IR900": (3, 8),
    }
    assert {code: counts[code] for code in expected} == expected
    assert sample.to_dict()["accounting"] == {
        "rows_read": 411, "lines": 409, "quarantined": 1, "superseded": 1, "later": 0,
    }  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_text_opens_with_the_verdict_and_keeps_to_eighty_columns(scan, lang):
    from rich.cells import cell_len

    report = scan(SAMPLE / "orders.csv", SAMPLE / "parcels.csv", lang=lang)
    file = io.BytesIO()
    render_text(report.results, file)
    text = file.getvalue().decode()
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    leads = {
        "zh": ["数据", "未判定", "结论", "金额", "谁来做"],
        "en": ["Data", "Not judged", "Found", "Money", "Whose work"],
    }
    opening = text.split("\n\n")[0].splitlines()
    assert opening[0].startswith("merchantwatch · 2026-11-21 00:00:00")
    assert [line.split("  ")[0] for line in opening[1:] if not line.startswith(" ")] == leads[lang]
    assert text.index("DY101* 1/1 ") < text.index("DY100 3/1 "), (
        "broken and near, most severe first"
    )
    assert "\x1b" not in text


def test_what_would_supply_a_missing_field_is_shown(scan):
    file = io.BytesIO()
    render_text(scan(SAMPLE / "orders.csv").results, file)
    text = " ".join(file.getvalue().decode().split())
    assert (
        "DY112 DY113 DY301 DY302 DY303 DY309 +10: missing 揽收时间, 签收时间 of douyin-parcels"
        in text
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_total_the_money_of_the_clauses(scan, tmp_path, lang):
    report = scan(SAMPLE / "orders.csv", SAMPLE / "parcels.csv", lang=lang)
    result = report.to_dict()
    rules = {r["code"]: r["penalty"] for r in result["rules"] if r["status"] == "evaluated"}
    # All were promised in 48 hours: late ones cost nothing by themselves. A shortage comes on top.
    assert (rules["DY103"], rules["DY303"], rules["DY104"]) == (None, None, "2.00")
    # Traces cost nothing since 2026-07-09; a fraudulent shipment at least 10 yuan.
    assert (rules["DY321"], rules["DY322"]) == (None, "30.00")
    total = result["totals"]["penalty"]
    assert total == "32.00"
    text = " ".join(report.write(tmp_path / "r.txt").read_text("utf-8").split())
    assert f"¥{total}" in text.split("DY101")[0], "the sum stands at the top"
    assert "DY322* 1/0 ¥30.00" in text
    page = report.write(tmp_path / "r.html").read_text("utf-8")
    assert f"¥{total}" in page
    assert "¥30.00" in page


def test_every_rule_that_appears_says_where_its_numbers_come_from(sample, tmp_path):
    result = sample.to_dict()
    found = {finding["code"] for finding in result["findings"]}
    sources = {rule["code"]: rule["source"] for rule in result["rules"] if rule["code"] in found}
    text = sample.write(tmp_path / "r.txt").read_text("utf-8")
    page = sample.write(tmp_path / "r.html").read_text("utf-8")
    assert found
    for code, source in sources.items():
        assert (f"{code}* " in text) == (source["confidence"] != "official")
        assert source["clause"] in page
        assert source["confidence"] in ("official", "reprinted", "seed", "assumed")


@pytest.mark.parametrize("fmt", FORMATS)
def test_nothing_personal_is_written(of_persons, tmp_path, fmt):
    path = of_persons.write(tmp_path / f"out.{fmt}", fmt)
    data = path.read_bytes()
    if fmt == "xlsx":
        with zipfile.ZipFile(path) as parts:
            data = b"".join(map(parts.read, parts.namelist()))
    names_products = ("样品" if fmt in NAMED else "37110").encode() in data
    assert names_products or fmt in NUMBERS, "does it hold totals alone? then it stands in NUMBERS"
    for secret in ("机密", "13800138000"):
        assert secret.encode() not in data


def test_parts_of_a_second_are_left_out_of_csv(scan, tmp_path):
    report = scan(
        pd.DataFrame(douyin(LATE)).assign(承诺发货时间=pd.Timestamp("2026-11-20 08:00:00.023296"))
    )
    text = report.write(tmp_path / "hits.csv").read_text(encoding="utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    assert {row["promised_ship_at"] for row in rows} == {"2026-11-20 08:00:00"}


def test_csv_is_harmless_and_whole(scan, tmp_path):
    evil = {
        **LATE,
        "选购商品": "=cmd|' /C calc'!A1",
        "商家编码": "@SUM(1)",
        "订单应付金额": "1,234.50",
    }
    report = scan(write_csv(tmp_path / "orders.csv", douyin(evil)))
    data = report.write(tmp_path / "hits.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {row["product_name"] for row in rows} == {"'=cmd|' /C calc'!A1"}
    assert {row["sku"] for row in rows} == {"'@SUM(1)"}
    first = rows[0]
    assert (first["line_id"], first["amount"]) == ("6900000000000000001", "1234.50")
    assert first["due_at"] == "2026-11-20 08:00:00"
    assert (first["source_file"], first["source_row"]) == (str(tmp_path / "orders.csv"), "2")
    assert len(rows) == len(report.hits())


def test_parquet_has_native_types(sample, tmp_path):
    table = pq.read_table(sample.write(tmp_path / "hits.parquet"))
    row = table.to_pylist()[0]
    assert isinstance(row["amount"], Decimal)
    assert isinstance(row["created_at"], datetime)
    assert table.num_rows == len(sample.hits())


def test_html_stays_small_however_large_the_shop(scan, tmp_path):
    rows = douyin(*[{**LATE, "商品ID": str(n)} for n in range(5000)])
    report = scan(write_csv(tmp_path / "orders.csv", rows))
    assert report.write(tmp_path / "risk.html").stat().st_size < 500_000


def test_findings_listed_are_bounded_and_all_are_counted(scan, tmp_path):
    rows = douyin(*[{**LATE, "商品ID": str(n)} for n in range(10_050)])
    report = scan(write_csv(tmp_path / "orders.csv", rows), select=["DY100"]).to_dict()
    assert len(report["findings"]) == 10_000
    (rule,) = report["rules"]
    assert (rule["findings"], rule["breached"], rule["hits"]) == (10_050, 10_050, 10_050)


def test_a_finding_lists_its_first_hundred_lines(scan, tmp_path):
    report = scan(write_csv(tmp_path / "a.csv", douyin(*[LATE] * 150)), select=["DY101"]).to_dict()
    (found,) = report["findings"]
    assert (found["count"], len(found["lines"])) == (150, 100)
    assert found["lines"] == sorted(found["lines"])
