"""Words of files and packs never reach a terminal as commands, nor a spreadsheet as formulas."""

import csv
import io
import json
import re

import pytest
from conftest import AS_OF, LATE, douyin, write_csv

from merchantwatch.reports.formulas import as_text, as_texts
from merchantwatch.support.harmless import harmless, in_json

AT = ("--as-of", AS_OF)
ESCAPE = "\x1b[2J\x1b]0;x\x07\x9b31m\u202ednet"
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PACK = f"""
[pack]
platform = "any"
reviewed = 2026-11-20

[[rule]]
code = "MY100"
name = "mine"
title = {{ zh = {json.dumps(ESCAPE)}, en = {json.dumps(ESCAPE)} }}
severity = "low"
when = "order_id is not null"
at_least = 1
action = {{ zh = "x", en = "<img src=x onerror=alert(1)>{{{{7*7}}}}" }}
source = {{ clause = {json.dumps(ESCAPE)}, where = "javascript:alert(1)", confidence = "assumed" }}
"""


@pytest.fixture
def ground(tmp_path):
    lines = douyin(
        {**LATE, "商品ID": f"37{ESCAPE}", "选购商品": f"{ESCAPE}"},
        {"订单状态": f"{ESCAPE}字"},
        {"支付完成时间": f"{ESCAPE}?"},
    )
    rows = [{**line, f"列{ESCAPE}": ""} for line in lines]
    write_csv(tmp_path / "orders.csv", rows)
    write_csv(tmp_path / "unknown.csv", [{f"订单{ESCAPE}": "1", f"a{ESCAPE}": "2"}])
    (tmp_path / "own.toml").write_text(PACK, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(
        PACK.replace("order_id is", "\\u001b[31m is"), encoding="utf-8"
    )
    (tmp_path / "bad_settings.toml").write_text('"\\u001b[2J" = 1\n', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", [
    "scan orders.csv --pack own.toml -o text", "scan orders.csv --pack own.toml -o json", "scan orders.csv --pack own.toml -o csv",
    "scan orders.csv -o quarantine", "check orders.csv unknown.csv", "check orders.csv unknown.csv -o json", "why 6900000000000000001 orders.csv --pack own.toml",
    "scan unknown.csv", "scan orders.csv --pack bad.toml", "scan orders.csv --config bad_settings.toml", "scan orders.csv --select \x1b[2J",
    "rules --pack own.toml", "rule MY100 --pack own.toml", "rules --pack bad.toml", "init unknown.csv --dry-run", "scan \x1b[2J.csv", "scan orders.csv --\x1b[2J",
    "scan orders.csv -v --shop \x1b[2J -o text",
])  # fmt: skip
def test_no_command_lets_a_word_reach_the_terminal(run, ground, command):
    done = run(*command.split())
    assert HARMFUL.search(done.stdout + done.stderr) is None
    assert "Traceback" not in done.stderr


def test_a_page_holds_words_and_no_elements_of_theirs(run, ground):
    run("scan", "orders.csv", "--pack", "own.toml", *AT, "-o", "html:r.html")
    page = (ground / "r.html").read_text(encoding="utf-8")
    assert HARMFUL.search(page) is None
    assert "<img" not in page
    assert "{{7*7}}" in page
    assert set(re.findall(r'href="(.)', page)) == {"#"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b", "\\x1b"),
        ("\r", "\\x0d"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("👨\u200d👩", "👨\u200d👩"),
    ],
)
def test_what_is_shown_of_a_sign(text, shown):
    assert harmless(text) == shown


def test_json_means_the_same():
    words = [ESCAPE, "\x7f\x80\x9f\u200e\u2028\u2066\ufeff", "中文"]
    data = json.dumps(words, ensure_ascii=False).encode()
    assert json.loads(in_json(data)) == words
    assert HARMFUL.search(in_json(data).decode()) is None


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " =1",
    "\t=1",
    "\u3000＝1",
    "\u00a0+1",
    "\u200b=1",
    "\ufeff=1",
    "\r=1",
    "\n=1",
    "\t",
    "\x00=1",
]
PLAIN = ["1=1", "a-b", "", "中＝文", " a", "'=1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_written_as_text(cell):
    assert as_text(cell).startswith("'")


@pytest.mark.parametrize("cell", PLAIN)
def test_other_cells_stay(cell):
    assert as_text(cell) == cell


def test_columns_and_cells_become_the_same_text():
    import pyarrow as pa

    cells = [*FORMULAS, *PLAIN, ESCAPE, "\x7f", "~", "ÿ\x80", "\u200e"]
    for some in ([*cells, None], *([cell] for cell in cells), *(["6926", cell] for cell in cells)):
        texts = [None if cell is None else as_text(cell) for cell in some]
        assert as_texts(pa.array(some)).to_pylist() == texts
    for empty in (pa.array([], pa.string()), pa.nulls(2, pa.string())):
        assert as_texts(empty).to_pylist() == empty.to_pylist()


def test_formulas_of_an_export_are_text_in_the_reports(run, tmp_path):
    write_csv(
        tmp_path / "orders.csv",
        douyin({**LATE, "商品ID": "＝1", "选购商品": " +1"}, {"支付完成时间": "＝cmd"}),
    )
    for fmt in ("csv", "quarantine"):
        text = run("scan", "orders.csv", *AT, "-o", fmt).stdout
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "＝"))]


def test_a_product_without_a_name_has_none(run, tmp_path):
    write_csv(tmp_path / "orders.csv", douyin(LATE, LATE, LATE, without=["选购商品"]))
    done = run(
        "scan", "orders.csv", *AT, "--select", "DY101,IR900", "-o", "text", "-o", "html:r.html"
    )
    assert "None" not in done.stdout + (tmp_path / "r.html").read_text(encoding="utf-8")
