"""The workbook: read back, it says what the JSON report says, and nothing in it can be run."""

import csv
import gc
import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter
from conftest import AS_OF, LATE, SAMPLE, douyin, write_csv
from python_calamine import CalamineWorkbook

import merchantwatch as mw
from merchantwatch.language.text import Text
from merchantwatch.reports import sheets as sheets_module, work, workbook, workbook_page
from merchantwatch.reports.sheet_tables import Row
from merchantwatch.reports.sheets import LONGEST_NAME, Book, Names, Sheet
from merchantwatch.tasks import WorkList

pytestmark = pytest.mark.xdist_group("report workbook")  # one process scans what most look at

COLUMNS = {
    "zh": [
        "剩余", "截止", "动作", "订单号", "商品", "数量", "仓库", "快递", "运单号", "金额", "可避免损失", "已损失", "依据",
    ],
    "en": [
        "Time left", "Due", "Action", "Order", "Product", "Quantity", "Warehouse", "Carrier",
        "Tracking number", "Amount", "Can be saved", "Lost", "Why",
    ],
}  # fmt: skip
HOSTILE = (
    "<script>alert(1)</script>", "=cmd|' /C calc'!A1", "\uff1d1+1", "+1", "@SUM(1)", "-2+3",
    "a\u202eb", "x" * 40_000, "\U0001f600" * 20_000, "\ufffe\x1b[31m", "_x0041_",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample():
    with mw.scan(sorted(map(str, SAMPLE.glob("*.csv"))), as_of=AS_OF, lang="zh") as report:
        yield report


def read(path):
    """The rows of each sheet of a workbook, by its name."""
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def money(rows, column):
    return sum((Decimal(str(row[column] or 0)) for row in rows), Decimal(0)).quantize(
        Decimal("0.01")
    )


def test_its_sheets_are_the_tasks_and_what_is_known_of_them(sample, tmp_path):
    result = sample.to_dict()
    sheets = read(sample.write(tmp_path / "r.xlsx"))
    owners = [owner.name.zh for owner in work.by_owner(sample.results, 10**6)]
    assert list(sheets) == [
        "今日", *(f"{owner}任务" for owner in owners), "商品", "快递", "售后", "费用", "发现", "未评估", "说明",
    ]  # fmt: skip
    header, *rows = sheets["今日"]
    assert header == COLUMNS["zh"]
    assert [row[3] for row in rows] == [task["order_id"] or "" for task in result["tasks"]]
    assert [row[1].isoformat()[:16] if row[1] else None for row in rows] == [
        task["due_at"][: 10 if "T00:00:00" in task["due_at"] else 16] if task["due_at"] else None
        for task in result["tasks"]
    ], "real dates"
    assert (money(rows, 10), str(money(rows, 11) + Decimal(result["totals"]["money_lost_over"]))) == (
        Decimal(result["totals"]["money_to_save"]), result["totals"]["money_lost"],
    )  # fmt: skip
    by_owner = {name: len(sheets[f"{name}任务"]) - 1 for name in owners}
    assert list(by_owner.values()) == list(result["totals"]["by_owner"].values())
    assert len(sheets["发现"]) - 1 == len(result["findings"])
    assert len(sheets["商品"]) - 1 == sum(
        f["scope"].startswith("product") for f in result["findings"]
    )
    lacking = {rule["code"] for rule in result["rules"] if rule["status"] == "not_evaluated"}
    assert lacking <= {row[0] for row in sheets["未评估"]}
    assert sheets["费用"][-2][3:] == [
        float(result["totals"][name]) for name in ("money_lost", "money_to_save")
    ]
    notes = {row[1]: row[2] for row in sheets["说明"]}
    assert (notes["订单"], notes["任务"]) == (result["totals"]["orders"], result["totals"]["tasks"])


def test_it_is_ready_to_print_and_the_same_each_time(sample, tmp_path):
    sample.write(tmp_path / "a.xlsx")
    sample.write(tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        names = parts.read("xl/workbook.xml").decode()
        assert b"merchantwatch" in parts.read("docProps/core.xml")
        assert not [name for name in parts.namelist() if "external" in name.lower()]
    assert '<pane ySplit="1" topLeftCell="A2"' in page
    assert f'<autoFilter ref="A1:M{1 + len(sample.results.work.tasks)}"/>' in page
    assert 'orientation="landscape"' in page
    assert 'fitToHeight="0"' in page
    assert "_xlnm.Print_Titles" in names
    assert "<f>" not in page
    assert len(re.findall("<col ", page)) >= 2
    assert len(set(re.findall(r'<c r="A\d+" s="(\d+)"', page))) > 2, "colours"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("字" * 18, 1), ("字" * 18 + "a", 2), ("a b" * 12, 1), ("a b" * 12 + "c", 2), ("字" * 64, 4),
        ("a" * 299, 10), ("a" * 300, 1), ("字" * 10_000, 1), ("", 1), (None, 1), (19, 1),
    ],
)  # fmt: skip
def test_long_texts_wrap_so_that_a_printed_page_stays_narrow(text, lines, tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "r.xlsx", {"constant_memory": True})
    columns = [Text(zh="依据", en="Why")] * 2
    sheet = Sheet("one", columns, [Row("red", (text, "short")), Row("", ("next", None))])
    workbook.write(book, Book([sheet], iter(())), "en")
    book.close()
    with zipfile.ZipFile(tmp_path / "r.xlsx") as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        styles = parts.read("xl/styles.xml").decode()
    tall = re.search(r'<row r="2"[^>]* ht="(\d+)"', page)
    assert (int(tall[1]) // 15 if tall else 1) == lines
    assert ("wrapText" in styles) == (lines > 1)
    assert ' ht="' not in page.split('<row r="3"')[1]


def test_hostile_cells_are_text_and_ids_stay_whole(scan, tmp_path):
    rows = douyin(*[{**LATE, "选购商品": name, "仓库名称": name[:50]} for name in HOSTILE])
    report = scan(write_csv(tmp_path / "orders.csv", rows), lang="en")
    sheets = read(report.write(tmp_path / "r.xlsx"))
    header, *found = sheets["Today"][len(report.results.guards) :]
    assert header == COLUMNS["en"]
    ids = [f"{6900000000000000000 + n}" for n in range(1, len(rows) + 1)]
    assert sorted(row[3] for row in found if row[3]) == ids, "19 digits each"
    with zipfile.ZipFile(tmp_path / "r.xlsx") as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in parts.read(name)
                assert b"<hyperlink" not in parts.read(name)
    cells = [str(cell) for row in found for cell in row]
    assert not [cell for cell in cells if re.match(r"\s*[=+@\uff1d-]", cell)]
    assert not [cell for cell in cells if "\u202e" in cell or "\x1b" in cell]
    assert max(map(len, cells)) <= workbook_page.LONGEST_CELL
    assert any(cell.startswith("<script>") for cell in cells), "as it was written"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("杭州仓", "杭州仓"),
        ("a/b[c]:d*?\\e", "a b c  d   e"),
        ("'x'", "x"),
        ("", "-"),
        ("x" * 40, "x" * 31),
        ("\U0001f600" * 20, "\U0001f600" * 15),
        ("History", "History 2"),
        ("today", "today 2"),
    ],
)
def test_names_of_sheets_are_legal_and_unique(wanted, name):
    names = Names()
    assert names.of("Today") == "Today"
    assert names.of(wanted) == name
    again = names.of(wanted)
    assert again.casefold() != name.casefold()
    assert len(again.encode("utf-16-le")) <= 2 * LONGEST_NAME


@pytest.mark.parametrize(("count", "has"), [(20, False), (21, True)])
def test_a_warehouse_with_many_tasks_has_a_sheet(scan, tmp_path, count, has):
    rows = douyin(*[{**LATE, "仓库名称": "今日", "商品ID": str(n)} for n in range(count)])
    report = scan(write_csv(tmp_path / "orders.csv", rows), lang="zh", select=["DY100", "DY104"])
    sheets = read(report.write(tmp_path / "r.xlsx"))
    assert ("今日 2" in sheets) == has
    assert len(sheets["今日"]) == len(report.results.guards) + 1 + count


def test_tasks_are_read_as_often_however_many_sheets_they_have(scan, tmp_path, monkeypatch):
    """Each reading lets the engine rank all of them again."""
    read_tasks, readings = WorkList.read_tasks, []

    def counted(work, of=None):
        readings.append(of)
        return read_tasks(work, of)

    monkeypatch.setattr(WorkList, "read_tasks", counted)
    for warehouses in (1, 4):
        rows = [{**LATE, "仓库名称": f"仓{n % warehouses}"} for n in range(21 * warehouses)]
        report = scan(write_csv(tmp_path / "orders.csv", douyin(*rows)), lang="zh")
        before = len(readings)
        sheets = read(report.write(tmp_path / "r.xlsx"))
        assert [len(sheets[f"仓{n}"]) for n in range(warehouses)] == [22] * warehouses
        assert len([of for of in readings[before:] if of is None]) == 2
    monkeypatch.setattr(sheets_module, "MOST_WAREHOUSES", 2)
    report = scan(write_csv(tmp_path / "orders.csv", douyin(*rows, *rows[:1])), lang="zh")
    assert [name for name in read(report.write(tmp_path / "r.xlsx")) if "仓" in name] == [
        "仓库任务", "仓0", "仓1",
    ]  # fmt: skip


def test_rows_that_excel_has_no_room_for_are_counted(scan, tmp_path, monkeypatch):
    rows = douyin(*[{**LATE, "商品ID": str(n)} for n in range(9)])
    report = scan(write_csv(tmp_path / "orders.csv", rows), lang="en", select=["DY100", "DY104"])
    for most, last in (
        (10, ("soon", "1 d")),
        (9, "… and 2 more rows than Excel has"),
        (5, "… and 6 more rows"),
    ):
        room = most + len(report.results.guards)
        monkeypatch.setattr(workbook_page, "MOST_ROWS", room)
        found = read(report.write(tmp_path / "r.xlsx"))["Today"]
        assert len(found) == room
        assert str(found[-1][0]).startswith(last)


def test_it_is_no_export_where_it_lies_among_them(run, tmp_path):
    (tmp_path / "in").mkdir()
    write_csv(tmp_path / "in" / "orders.csv", douyin(LATE))
    for fmt in ("xlsx:in/r.xlsx", "tasks-csv:in/t.csv", "tasks-parquet:in/t.parquet"):
        for _ in range(2):
            done = run("scan", "in", "--as-of", AS_OF, "-o", fmt, "-o", "json")
            assert done.returncode == 0, done.stderr
            assert '"skipped": []' in done.stdout
    assert run("scan", "in", "-o", "xlsx").returncode == 2


def test_it_opens_in_libreoffice(sample, tmp_path):
    office = shutil.which("soffice")
    if office is None and not os.environ.get("CI"):
        pytest.skip("there is no LibreOffice here (soffice)")
    assert office, "with CI set, LibreOffice is there"
    book = sample.write(tmp_path / "r.xlsx")
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    home = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = [office, home, "--headless", "--convert-to", every_sheet, "--outdir", str(tmp_path), str(book)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    with (tmp_path / "r-今日.csv").open(encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    found = sample.to_dict()["tasks"]
    assert header == COLUMNS["zh"]
    assert [row[3] for row in rows] == [task["order_id"] or "" for task in found]
    assert [row[8] for row in rows] == [task["tracking_no"] or "" for task in found]
    dues = [t["due_at"].replace("T", " ") if t["due_at"] else "" for t in found]
    assert [row[1] for row in rows] == dues


class Full(io.FileIO):
    """A file on a disk that is full after a number of bytes."""

    room = 0

    def write(self, data):
        if self.tell() + len(data) > self.room:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("room", [0, 3_000])
def test_a_full_disk_is_an_error_of_its_own_and_leaves_nothing(
    sample, tmp_path, room, capsys, monkeypatch
):
    raw = Full(tmp_path / "r.xlsx", "w")
    raw.room = room
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OSError, match="No space left"):
        workbook.render(sample.results, io.BufferedWriter(raw, 512))
    raw.close()
    gc.collect()
    assert capsys.readouterr().err == "", "nothing is written after it"
    assert [path.name for path in tmp_path.iterdir()] == ["r.xlsx"]
