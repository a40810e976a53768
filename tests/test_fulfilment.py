"""Lines that the merchant has not to ship, has not been paid for, or has shipped at an unknown time."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import LATE, ROOT, findings, rule, write_csv

from merchantwatch.fields import NOT_TO_SHIP, PRE_ORDER
from merchantwatch.formats import Format, fold, formats
from merchantwatch.reading import open_csv

CASES = ROOT / "tests" / "formats"
HINTS = [
    (form, header, hint.words)
    for form in formats()
    for hint in form.hints
    if hint.field == "fulfilment"
    for header in hint.headers
]


def noted(report, code):
    """How many lines a note counts."""
    return sum(n["lines"] for n in report.to_dict()["notes"] if n["code"] == code)


def _with(form: Format, header: str, words: Iterable[str], folder: Path) -> Path:
    """An export in the true shape of a format, of which each row has one of the words in a column."""
    ids = {*form.columns["order_id"], *form.columns.get("line_id", [])}
    for path in sorted((CASES / form.code).glob("*/export.*")):
        source = open_csv(path, path.name)
        encoding, delimiter = source.header.encodings[0], source.header.delimiter
        with path.open(encoding=encoding.removesuffix("-sig"), newline="") as file:
            row = list(csv.DictReader(file, source.headers, delimiter=delimiter))[-1]
        found = next((name for name in row if fold(name) == header), None)
        if found:
            mine = [name for name in row if fold(name) in ids]
            rows = [row | dict.fromkeys(mine, f"77{n}") | {found: w} for n, w in enumerate(words)]
            return write_csv(folder / "a.csv", rows)
    raise AssertionError(f"no version of {form.code} has {header}")


@pytest.mark.looks_at("IR101")
@pytest.mark.parametrize(
    ("form", "header", "words"), HINTS, ids=[f"{form.code}-{header}" for form, header, _ in HINTS]
)
def test_every_word_of_every_format_is_counted(form, header, words, scan, tmp_path):
    report = scan(_with(form, header, [*words, "another"], tmp_path))
    for meaning, lines in Counter(words.values()).items():
        assert (
            noted(report, "pre-order" if meaning == PRE_ORDER else f"fulfilled-{meaning}") == lines
        )


@pytest.mark.every_engine
@pytest.mark.looks_at("DY100", "DY101", "DY203", "IR101")
def test_what_needs_no_parcel_is_clear_and_no_part_of_rates(scan, export):
    words = ("普通订单", "虚拟订单", "电子凭证", "-")
    report = scan(export(*({**LATE, "订单类型": word} for word in words)))
    keys = [found["key"] for found in findings(report, "DY100")]
    assert keys == ["6900000000000000001", "6900000000000000004"]
    assert rule(report, "DY100") | {"hits": 2, "unjudged": 0} == rule(report, "DY100")
    assert noted(report, "fulfilled-virtual") == 2
    accounting = report.to_dict()["accounting"]
    assert (accounting["rows_read"], accounting["lines"]) == (4, 4), "they are lines all the same"


TIKTOK = {
    "Order Status": "Shipped",
    "Paid Time": "13/11/2026 09:00:00",
    "Shipped Time": "19/11/2026 17:00:00",
}


def tiktok(*lines, folder):
    rows = [
        {"Order ID": f"5765{n}", "SKU ID": "1", "Cancelation/Return Type": "", "Created Time": "13/11/2026 08:00:00", **TIKTOK, **line}
        for n, line in enumerate(lines)
    ]  # fmt: skip
    return write_csv(folder / "tiktok.csv", rows)


@pytest.mark.looks_at("TK101")
@pytest.mark.parametrize("word", ["Fulfillment by TikTok Shop", "fulfillment by tiktok shop"])
def test_what_the_platform_ships_is_neither_late_nor_shipped(word, scan, tmp_path):
    by_seller = [{"Fulfillment Type": "Fulfillment by seller"}] * 2
    report = scan(tiktok({"Fulfillment Type": word}, *by_seller, folder=tmp_path))
    (found,) = findings(report, "TK101")
    assert (found["count"], found["rate"]["volume"]) == (2, 2)


@pytest.mark.every_engine
@pytest.mark.looks_at("IR103")
def test_where_no_promise_is_stated_it_is_as_the_platform_counts(scan, tmp_path, export):
    """Two business days after Friday are over on Tuesday; of other platforms it is 48 hours."""
    shipped = ("15/11/2026 09:00:01", "17/11/2026 23:59:59", "18/11/2026 00:00:00")
    orders = tiktok(*({"Shipped Time": at} for at in shipped), folder=tmp_path)
    douyin = export(
        {
            "支付完成时间": "2026-11-13 09:00:00",
            "承诺发货时间": "-",
            "发货时间": "2026-11-15 09:00:01",
        }
    )
    report = scan(orders, douyin, select="IR103")
    assert sorted(report.hits("IR103")["order_id"].str[:4]) == ["5765", "6900"]
    notes = {
        n["text"]: n["lines"] for n in report.to_dict()["notes"] if n["code"] == "promise-computed"
    }
    assert notes == {
        "the export states no promised time: taken as 48 hours after payment": 1,
        "the export states no promised time: taken as 2 business days after payment (United States)": 3,
    }


@pytest.mark.looks_at("DY100", "TK101")
def test_a_pre_order_is_not_judged_by_the_usual_time_but_by_its_own(scan, tmp_path, export):
    kinds = [{"Normal or Pre-order": kind} for kind in ("Pre-order", "Normal")]
    report = scan(tiktok(*kinds, folder=tmp_path))
    assert rule(report, "TK101") | {"hits": 1, "unjudged": 1} == rule(report, "TK101")
    assert noted(report, "pre-order") == 1
    columns = {
        n: n for n in ("order_id", "paid_at", "promised_ship_at", "shipped_at", "fulfilment")
    }
    cells = {
        "order_id": "A",
        "paid_at": "2026-11-01 08:00:00",
        "shipped_at": "",
        "fulfilment": "pre_order",
    }
    days = [{**cells, "promised_ship_at": day} for day in ("2026-11-20 08:00:00", "")]
    for day, (hits, unjudged) in zip(days, ((1, 0), (0, 1)), strict=True):
        report = scan(write_csv(tmp_path / "m.csv", [day]), map=columns)
        assert rule(report, "DY100") | {"hits": hits, "unjudged": unjudged} == rule(report, "DY100")


SHOPIFY = {"Financial Status": "paid", "Paid at": "2026-11-14 10:01:00 -0500", "Lineitem fulfillment status": "pending",
           "Created at": "2026-11-14 10:00:00 -0500", "Lineitem name": "thing", "Fulfilled at": "", "Cancelled at": "",
           "Lineitem requires shipping": "true"}  # fmt: skip


def shopify(*orders, folder):
    """Orders of two lines, whose own columns stand in the first of them only."""
    rows = []
    for number, order in enumerate(orders):
        first = {"Name": f"#{number}", "Lineitem sku": "1", **SHOPIFY, **order}
        blank = dict.fromkeys(("Financial Status", "Paid at", "Fulfilled at", "Cancelled at"), "")
        rows += [first, {**first, **blank, "Lineitem sku": "2"}]
    headers = [dict.fromkeys(row, "") | row for row in rows]
    return write_csv(folder / "shopify.csv", headers)


@pytest.mark.parametrize(
    ("order", "hits"),
    [
        ({}, 2),
        ({"Financial Status": "refunded"}, 0),
        ({"Financial Status": "partially_refunded"}, 2),
        ({"Financial Status": "pending", "Paid at": ""}, 0),
        ({"Financial Status": "voided"}, 0),
        ({"Lineitem requires shipping": "false"}, 0),
        ({"Lineitem requires shipping": "TRUE"}, 2),
    ],
)
def test_a_word_of_an_order_holds_for_all_its_lines(order, hits, scan, tmp_path):
    report = scan(shopify({}, order, folder=tmp_path), tz="America/New_York")
    assert rule(report, "IR101")["hits"] == 2 + hits


MAPPED = {n: n for n in ("line_id", "created_at", "promised_ship_at", "shipped_at", "status")}
LINE = {
    "line_id": "U",
    "created_at": "2026-11-15 10:00:00",
    "promised_ship_at": "2026-11-17 10:00:00",
    "shipped_at": "",
}


@pytest.mark.parametrize("status", ["unpaid", "to_ship"])
def test_a_status_that_says_unpaid_is_stronger_than_a_time(status, scan, tmp_path):
    path = write_csv(tmp_path / "m.csv", [{**LINE, "status": status}])
    assert rule(scan(path, map=MAPPED), "DY100")["hits"] == (status == "to_ship")


@pytest.mark.parametrize(("status", "hits"), [("待支付", 0), ("待发货", 1)])
def test_so_it_is_in_an_export_that_has_a_time_of_payment(status, hits, scan, tmp_path):
    row = {"订单号": "261101-1", "商品id": "1", "商家实收金额(元)": "9", "订单状态": status, "支付时间": "2026-11-01 08:00:00",
           "承诺发货时间": "2026-11-03 08:00:00", "发货时间": ""}  # fmt: skip
    assert rule(scan(write_csv(tmp_path / "p.csv", [row])), "PD101")["hits"] == hits


@pytest.mark.every_engine
@pytest.mark.looks_at("DY100", "DY101", "DY201", "DY301", "IR103")
@pytest.mark.parametrize(
    ("status", "promised", "found"),
    [
        ("已发货", "2026-11-20 23:59:59", (0, 1)),  # due before as-of: late or not is unknown
        ("已发货", "2026-11-21 00:00:00", (0, 0)),  # due at as-of: shipped, so in time
        ("已完成", "2026-11-20 08:00:00", (0, 1)),
        ("部分发货", "2026-11-20 08:00:00", (1, 0)),  # the rest still waits
        ("待发货", "2026-11-20 08:00:00", (1, 0)),
        ("已关闭", "2026-11-20 08:00:00", (0, 0)),
    ],
)
def test_shipped_without_a_time_is_unjudged_where_the_time_decides(
    status, promised, found, scan, export
):
    line = {"订单状态": status, "发货时间": "-", "承诺发货时间": promised, "商家备注": "缺货"}
    report = scan(export(line))
    assert (rule(report, "DY100")["hits"], rule(report, "DY100")["unjudged"]) == found
    waits = status in ("待发货", "部分发货")
    assert (rule(report, "DY201")["hits"], rule(report, "DY201")["unjudged"]) == (waits, 0)
    assert noted(report, "shipped-without-time") == (status in ("已发货", "已完成"))


@pytest.mark.every_engine
@pytest.mark.looks_at("DY103", "DY104", "DY203")
@pytest.mark.parametrize(
    ("promised", "scan_known", "found"),
    [
        ("2026-06-02 08:00:00", True, (1, 0)),  # it asks for the scan, which has not been
        ("2026-06-02 08:00:00", False, (0, 1)),
        ("2026-06-01 08:00:00", True, (0, 1)),  # the text of before asks for the shipping
    ],
)
def test_without_a_time_the_version_of_the_day_decides(promised, scan_known, found, scan, export):
    times = {"订单提交时间": "2026-05-20 08:00:00", "支付完成时间": "2026-05-20 08:00:00"}
    line = {"订单状态": "已发货", "发货时间": "-", "承诺发货时间": promised, **times}
    report = scan(export(line | ({"揽收时间": "-"} if scan_known else {})))
    for code in ("DY103", "DY104", "DY203"):
        assert (rule(report, code)["hits"], rule(report, code)["unjudged"]) == found, code


def test_a_mapping_says_how_lines_are_fulfilled(run, tmp_path):
    """By our words, by words of one's own, and by neither: what is normal or not stated is to be shipped."""
    words = {f"own {how}": how for how in NOT_TO_SHIP}
    same = {"order_id": "O1", "status": "to_ship"}
    rows = [
        {**LINE, **same, "line_id": f"U{n}", "kind": kind}
        for n, kind in enumerate((*NOT_TO_SHIP, *words, "normal", ""))
    ]
    path = write_csv(tmp_path / "m.csv", rows)
    (tmp_path / "merchantwatch.toml").write_text(
        "[map]\n" + "".join(f'{n} = "{n}"\n' for n in (*MAPPED, "order_id") if n != "status")
        + '[map.status]\ncolumn = "status"\n[map.fulfilment]\ncolumn = "kind"\n'
        + "".join(f'"{word}" = "{how}"\n' for word, how in words.items()),
        "utf-8",
    )  # fmt: skip
    given = (path, "--as-of", "2026-11-21", "--select", "DY100", "--lang", "en")
    done = run("scan", *given, "-o", "text")
    assert "Found       1 thing to do" in done.stdout, done.stdout + done.stderr
    assert " DY100 2/0\n" in done.stdout, done.stdout
    done = run("why", "O1", *given)
    counts = Counter(re.findall(r"does not apply: not to be shipped \((\w+)\)", done.stdout))
    assert counts == dict.fromkeys(NOT_TO_SHIP, 2), done.stdout + done.stderr


def test_check_tells_the_column_that_says_how_lines_are_fulfilled(run, tmp_path, export):
    done = run("check", export({"订单类型": "虚拟订单"}), "--lang", "en")
    assert any("fulfilment" in row and "← 订单类型" in row for row in done.stdout.splitlines())
