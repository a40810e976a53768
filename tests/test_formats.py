"""Formats: every header version of every export, read to a table that a person can check.

``tests/formats/CODE/VERSION/`` holds a made-up export in the true shape and ``expected.csv``: a row
for each row of it, empty where a field is unknown. ``FIELD_text`` holds a word that no format knows.
"""

import csv
import random
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from conftest import ROOT, write_csv

from merchantwatch.engines import SourceInfo, facts_of, open_engine
from merchantwatch.fields import FIELDS, WORDS, Kind
from merchantwatch.formats import formats, recognise
from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.pipeline import carried, exports, identity, layout
from merchantwatch.pipeline.dividing import row_in_file
from merchantwatch.pipeline.platforms import platforms_of
from merchantwatch.reading import (
    Column,
    Export,
    Wanted,
    open_csv,
)
from merchantwatch.reading.moments import nothing
from merchantwatch.reading.recognised import cells_of, positions_of

CASES = ROOT / "tests" / "formats"
VERSIONS = [(form, version) for form in formats() for version in form.versions]
NAMES = [f"{form.code}/{version.name}" for form, version in VERSIONS]
FOLDERS = [CASES / name for name in NAMES]
ORDERS = [CASES / form.code / v.name for form, v in VERSIONS if form.kind == "orders"]
TZ = "Asia/Shanghai"

OF_THE_FILE = {"ebay-orders": 2}
"""How many lines of such an export tell of the file itself, and are no rows of it."""


def _export(path: Path) -> Export:
    source = open_csv(path, path.name)
    form = recognise(source.headers, path.name)
    return Export(
        source, form, cells_of(positions_of(source), form), None, None, None, None, number=0
    )


def _rows(export: Export) -> str:
    """The query of an export's rows with every field that its format fills."""
    everything = tuple(name for name, field in FIELDS.items() if field.exported)
    platforms = platforms_of([export], None)
    laid_out = layout.Layout(everything, frozenset(everything), platforms, TZ)
    platform = (*platforms.of_rows(export), "'any'")[0]
    return exports.typed_rows(export, laid_out, facts_of(export.source), platform)


@cache
def _as_it_stands(folder: Path) -> list[dict[str, str]]:
    return _read(folder / "export.csv")


def _read(path: Path) -> list[dict[str, str]]:
    """Read an export as the pipeline does, to the fields that it carries, as text."""
    export = _export(path)
    engine = open_engine("duckdb", "200MB", 1)
    try:
        everything = {
            cell.index: Column(
                layout.AROUND[FIELDS[name].kind is not Kind.TEXT],
                is_time=False,  # as text, so that every spelling goes one way
                is_id=FIELDS[name].kind is Kind.ID,
                content=layout._CONTENT.get(FIELDS[name].kind, ""),
            )
            for name, cell in export.cells.items()
        }
        plain = Column(layout.AROUND[True], is_time=False, is_id=False)
        everything |= dict.fromkeys(layout.item_columns(export), plain)
        wanted = Wanted(
            dict(sorted(everything.items())),
            ("", *export.form.empty),
            nothing=nothing(ZoneInfo(TZ), export.form.nothing),
            homes=export.form.homes,
        )
        engine.open(export.source, wanted, exports.relation(export), SourceInfo(0, export.shop))
        left_out = "case when problem is null then 0 else 1 end as left_out"
        engine.create("relevant", f"select *, {left_out} from ({_rows(export)}) as rows")
        rows = engine.table("select * from relevant order by source_row").to_pylist()
        if carried.needs_identity(export):
            named = engine.table(identity.named([0], list(FIELDS))).to_pylist()
            ids = {row["source_row"]: row["line_id"] for row in named}
            rows = [{**row, "line_id": ids.get(row["source_row"], row["line_id"])} for row in rows]
    finally:
        engine.close()
    return [_as_text(row, _filled(export)) for row in rows]


def _filled(export: Export) -> list[str]:
    derived = {item.field for item in export.form.derived if item.words_of in export.cells}
    filled = {*export.cells, *derived, *export.form.always}
    filled |= {"line_id"} if export.form.kind == "orders" else set()
    return [name for name in FIELDS if name in filled]


def _as_text(row: dict[str, object], fields: list[str]) -> dict[str, str]:
    cells = {"row": str(row_in_file(row["source_row"])), "problem": ""}
    if row["problem"]:
        return cells | {"problem": " ".join(str(row["problem"]).split(" ")[:2])}
    for name in fields:
        cells[name] = _text(row[name])
        if row.get(f"{name}_text") is not None:
            cells[f"{name}_text"] = _text(row[f"{name}_text"])
    return cells


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if value in (True, False) else str(value)


def _expected(folder: Path) -> tuple[set[str], list[dict[str, str]]]:
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        return set(reader.fieldnames or ()), rows


@pytest.mark.xdist_group("header versions")
@pytest.mark.parametrize(("form", "version"), VERSIONS, ids=NAMES)
def test_every_header_version_reads_as_expected(form, version):
    folder = CASES / form.code / version.name
    export = _export(folder / "export.csv")
    assert export.form.code == form.code
    if version.columns:
        assert len(export.source.headers) == version.columns
    fields, expected = _expected(folder)
    assert _amiss(folder, fields, _filled(export)) is None
    assert _as_it_stands(folder) == [
        {name: cell for name, cell in row.items() if _stands(name, row, cell)} for row in expected
    ]


def _amiss(folder: Path, columns: set[str], filled: list[str]) -> str | None:
    """What is wrong with the columns of an expected table, whose format fills some fields."""
    wanted = ["row", "problem", *filled]
    lacking = [name for name in wanted if name not in columns]
    foreign = sorted(name for name in columns if name.removesuffix("_text") not in wanted)
    where = "/".join(folder.parts[-2:])
    if lacking:
        return f"{where}/expected.csv lacks {', '.join(lacking)}: the format fills them, so say what they are"
    if foreign:
        return f"{where}/expected.csv has {', '.join(foreign)}: nothing in export.csv fills them"
    return None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"row", "problem", "order_id", "status", "status_text"}, None),
        ({"row", "problem", "status"}, "code/full/expected.csv lacks order_id: the format fills them"),
        ({"order_id", "status"}, "code/full/expected.csv lacks row, problem: "),
        ({"row", "problem", "order_id", "status", "shop_text", "amount"}, "code/full/expected.csv has amount, shop_text: nothing in export.csv fills them"),
    ],
)  # fmt: skip
def test_an_expected_table_says_what_it_lacks(columns, message):
    found = _amiss(Path("tests/formats/code/full"), columns, ["order_id", "status"])
    assert found is None if message is None else found.startswith(message)


def _stands(name: str, row: dict[str, str], cell: str) -> bool:
    if row["problem"]:
        return name in ("row", "problem")
    return bool(cell) or not name.endswith("_text")


def test_every_case_is_of_a_version():
    cases = {f"{path.parent.parent.name}/{path.parent.name}" for path in CASES.rglob("export.csv")}
    assert cases == set(NAMES)


@pytest.mark.xdist_group("header versions")
@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_columns_in_another_order_and_wrapped_headers_read_alike(folder, tmp_path):
    headers, rows = _cells(folder / "export.csv")
    order = list(range(len(headers)))
    random.Random(folder.name).shuffle(order)
    with (tmp_path / "export.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([WRAPS[at % len(WRAPS)](headers[at]) for at in order])
        writer.writerows([row[at] for at in order] for row in rows)
    assert _cells_of(_read(tmp_path / "export.csv")) == _cells_of(_as_it_stands(folder))


def _cells_of(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """What rows hold, wherever they stand: above a header may stand what is no part of the table."""
    return [{name: cell for name, cell in row.items() if name != "row"} for row in rows]


WRAPS = (
    lambda header: f"\t{header} ",
    lambda header: f'"{header}"',
    lambda header: f'="{header}"',
    lambda header: f"\u200b{header}\u00a0",
    lambda header: "".join(_FULL_WIDTH.get(sign, sign) for sign in header),
    lambda header: f"\ufeff'{header}'",
)
_FULL_WIDTH = {chr(code): chr(code + 0xFEE0) for code in range(ord("!"), ord("~") + 1)}
_FULL_WIDTH[" "] = "\u3000"


def _cells(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of an export, without what tells of the file itself."""
    source = open_csv(path, "")
    with path.open(encoding=source.header.encodings[0], newline="") as file:
        rows = list(csv.reader(file, delimiter=source.header.delimiter))
    first = next(at for at, row in enumerate(rows) if len(row) == len(source.headers))
    headers, *records = (row for row in rows[first:] if len(row) == len(source.headers))
    return headers, records


@pytest.mark.looks_at("IR101")
@pytest.mark.parametrize("folder", ORDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_order_export_is_scanned(folder, scan):
    result = scan(folder / "export.csv", as_of="2026-11-21").to_dict()
    assert result["inputs"][0]["format"] == folder.parent.name
    problems = [row["problem"][:5] for row in _expected(folder)[1] if row["problem"]]
    none = sum(problem in NO_RECORDS for problem in problems)
    assert result["inputs"][0]["no_records"] == none + OF_THE_FILE.get(folder.parent.name, 0)
    quarantined = len(problems) - none
    assert result["accounting"]["lines"] == result["accounting"]["rows_read"] - quarantined > 0
    assert result["accounting"]["quarantined"] == quarantined


def test_what_an_order_says_once_holds_for_its_fulfilled_lines(scan):
    path = CASES / "shopify-orders" / "79" / "export.csv"
    for source in (path, pd.read_csv(path, dtype=str)):
        late = scan(source, as_of="2026-11-21").hits("IR101")
        assert late["line_id"].tolist() == ["#1001-2"]


def test_every_row_of_unshipped_orders_is_to_ship(scan):
    hits = scan(CASES / "amazon-unshipped" / "24" / "export.csv", as_of="2026-11-21").hits("IR101")
    assert hits["line_id"].tolist() == ["50000000000001"]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("31/12/2025 23:59:59", "2025-12-31 23:59:59"),
        ("3/4/2026 8:05", "2026-04-03 08:05:00"),
        ("12/31/2025 11:59:59 PM", "2025-12-31 23:59:59"),
        ("3/4/2026 8:05:00 AM", "2026-03-04 08:05:00"),
        ("11/18/2026 12:00:00 AM", "2026-11-18 00:00:00"),
        ("11/18/2026 12:00:00 PM", "2026-11-18 12:00:00"),
        ("2026-11-18 12:00:00", "2026-11-18 12:00:00"),
        ("12/31/2025 23:59:59", "2025-12-31 23:59:59"),
        ("31/12/2025 11:59:59 PM", "2025-12-31 23:59:59"),
        ("11/18/2026 13:00:00 PM", None),
        ("11/18/2026 0:30:00 AM", None),
        ("11/31/2026 8:05", None),
    ],
)
def test_times_of_tiktok(cell, moment, tmp_path):
    """Where no cell of the column shows it, the day stands first, with AM or PM the month."""
    headers, (_, row, *_) = _cells(CASES / "tiktok-orders" / "57" / "export.csv")
    cells = {**dict(zip(headers, row, strict=True)), "Created Time": cell}
    (read,) = _read(write_csv(tmp_path / "a.csv", [cells]))
    assert (read.get("created_at"), read["problem"]) == (
        (moment, "") if moment else (None, "DQ204 created_at")
    )


WORD_FIELDS = [
    (form, field)
    for form in formats()
    if form.kind == "orders"
    for field in form.columns
    if field in WORDS
]


@pytest.mark.parametrize(
    ("form", "field"), WORD_FIELDS, ids=[f"{form.code} {field}" for form, field in WORD_FIELDS]
)
def test_an_unknown_word_is_stored_shown_and_counted(form, field, scan, tmp_path):
    """Whatever is selected: also where no rule of the run reads the field."""
    headers, rows = _cells(CASES / form.code / form.versions[-1].name / "export.csv")
    header = next(name for name in form.columns[field] if isinstance(name, str))
    cells = {**dict(zip(headers, rows[-1], strict=True)), header: "一个新词"}
    report = scan(write_csv(tmp_path / "a.csv", [cells]), select="DY101").to_dict()
    (note,) = [note for note in report["notes"] if note["code"] == f"unknown-{_dashed(field)}"]
    assert note["lines"] == 1
    assert "一个新词 (1)" in note["text"]
    assert report["accounting"]["lines"] == 1


def _dashed(field: str) -> str:
    return field.replace("_", "-")


def test_orders_of_all_formats_are_judged_in_one_run(scan):
    """What one format tells of lines and another does not is known of some, and missing of others."""
    result = scan(*(folder / "export.csv" for folder in ORDERS)).to_dict()
    assert result["accounting"]["rows_read"] == sum(each["rows"] for each in result["inputs"]) > 0
    assert len(result["inputs"]) == len(ORDERS)
