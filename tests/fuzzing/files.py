"""Exports in every container that is read, their cells and bytes made odd: drawn by a seed."""

import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter
from pyarrow import parquet
from workbooks import write_ods, write_xls, write_xlsb

EXPORTS = sorted((Path(__file__).parent.parent / "formats").glob("*/*/export.csv"))
ODD_CELLS = [
    "", " ", "-", "无", "NULL", "NaT", "6.9E+18", "1e999", "NaN", "Infinity", "41:01.0", "46346.5", "99999", "-1", "0", "合计", "=1+1", "＝cmd",
    "'007", '="1"', "\x00", "\u200b1", "1,2,3", "1.234,56", "一\n二", '"', '""', ";", "\t", "<<<<<<< HEAD", "9" * 40, "-" + "9" * 400, "9999999999999999.99", "1e-400",
    "0000-00-00 00:00:00", "0001-01-01", "9999-12-31 23:59:59", "2026-02-30 10:00:00", "2026-11-21T00:00:00+99:00", "31/12/2026", "2-Jun-06", "Nov 16, 2026, 09:00 am PST(UTC-8)",
    "1960-01-01", "2099-12-31 23:59:59", "2100-01-01", "20261118", "¥", "元", "𠮷", "\x1b[2J", "\u202e", "a" * 5000, "{{x}}", "%s", "M1;M2", "true", "None", "待发货", "交易成功",
]  # fmt: skip
ODD_BYTES = [
    b"\x00", b'"', b'""', b",", b"\r", b"\n", b"\xff", b"\xe4\xb8", b"9" * 400, b"\t", b";", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b[2J", b"\xc2\x85", b"\n\n\n", b'"' * 101,
    b"a" * 100_000, b"\x81\x30\x81\x30", b"sep=,\n", b"=======\n",
]  # fmt: skip
ODD_VALUES: list[Any] = [
    None, True, 0, -1, 2**63 - 1, -(2**63), 1.5, float("nan"), float("inf"), -1e308, 6.9e18, "", "x", b"\xff\x00", Decimal("1.23"), date(1, 1, 1), date(9999, 12, 31), date(2026, 11, 18),
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59), datetime(2026, 11, 18, 8), datetime(2026, 11, 18, 8, tzinfo=UTC), time(8, 30), timedelta(days=400_000), [1, 2], {"a": 1},
]  # fmt: skip
ODD_TYPES = [
    pa.int8(), pa.int64(), pa.uint64(), pa.float16(), pa.float64(), pa.bool_(), pa.null(), pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.decimal128(18, 2),
    pa.decimal256(60, 5), pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("us", "UTC"), pa.time64("us"), pa.duration("s"), pa.list_(pa.int64()),
    pa.struct([("a", pa.int64())]), pa.dictionary(pa.int32(), pa.string()), pa.map_(pa.string(), pa.string()),
]  # fmt: skip
MOST_ROWS = 40


def draw_files(draw: random.Random, folder: Path) -> list[str]:
    """Write one to three exports into a folder, and return what to name as inputs."""
    names = []
    (folder / "in").mkdir()
    for number in range(draw.choice([1, 1, 1, 2, 3])):
        rows = _rows(draw)
        suffix, write = draw.choice(_CONTAINERS)
        path = folder / "in" / f"{draw.choice(_NAMES)}{number}{suffix}"
        write(draw, path, rows)
        if draw.random() < 0.15:
            path.write_bytes(_bytes_changed(draw, path.read_bytes()))
        names.append(f"in/{path.name}")
    return draw.choice([names, names, names, ["in"], ["in/*"]])


_NAMES = [
    "orders",
    "导出 2026-11-20",
    "a'b",
    "订单_20261120231000_",
    "shop=一号店",
    "-x",
    "a[b]",
    "x" * 100,
]


def _rows(draw: random.Random) -> list[list[str]]:
    """The rows of an export of some format, some of its cells, rows and columns changed."""
    rows = _read(draw.choice(EXPORTS))
    header, *rows = [row for row in rows if row]
    rows = [row for _ in range(draw.choice([1, 1, 8])) for row in rows][:MOST_ROWS]
    rows = [list(row) for row in [header, *rows]]
    for _ in range(draw.choice([0, 1, 3, 20])):
        row = draw.choice(rows[1:] or rows)
        if row:
            row[draw.randrange(len(row))] = draw.choice(ODD_CELLS)
    if draw.random() < 0.3:
        _row_changed(draw, rows)
    if draw.random() < 0.2:
        gone = draw.randrange(len(rows[0]) or 1)
        rows = [row[:gone] + row[gone + 1 :] for row in rows]
    if draw.random() < 0.1 and rows[0]:
        rows[0][draw.randrange(len(rows[0]))] = draw.choice(ODD_CELLS)
    rows[0] = rows[0] or [""]
    return rows[: draw.choice([1, 2, MOST_ROWS, MOST_ROWS])]


def _read(export: Path) -> list[list[str]]:
    data = export.read_bytes()
    for encoding in ("utf-8-sig", "gb18030", "cp932", "cp1252"):
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            break
    sign = "\t" if text.partition("\n")[0].count("\t") > 2 else ","
    return list(csv.reader(io.StringIO(text), delimiter=sign, strict=False))


def _row_changed(draw: random.Random, rows: list[list[str]]) -> None:
    at = draw.randrange(len(rows))
    rows[at:at] = draw.choice(
        [[[]], [list(rows[0])], [["合计", "3"]], [rows[at] * 2], [rows[at][:1]], [["x"] * 3000]]
    )


def _text(draw: random.Random, rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    kind = draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    sign = draw.choice([",", ",", ",", "\t", ";", "|"])
    csv.writer(
        text, delimiter=sign, quoting=kind, lineterminator=draw.choice(["\n", "\r\n", "\r"])
    ).writerows(rows)
    encoding = draw.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5", "cp932", "latin-1"])
    return text.getvalue().encode(encoding, draw.choice(["replace", "ignore"]))


def _bytes_changed(draw: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(found) + 1)
        change = draw.randrange(5)
        if change == 0:
            found[at:at] = draw.choice(ODD_BYTES)
        elif change == 1:
            del found[at : at + draw.randint(1, 200)]
        elif change == 2 and at < len(found):
            found[at] = draw.randrange(256)
        elif change == 3:
            found[at:at] = found[at // 2 : at // 2 + 300]
        else:
            del found[max(at, 1) :]
    return bytes(found)


def _write_text(draw: random.Random, path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(_text(draw, rows))


def _write_xlsx(draw: random.Random, path: Path, rows: list[list[str]]) -> None:
    """A workbook with cells of many kinds, sometimes with a member that was changed."""
    workbook = io.BytesIO()
    with xlsxwriter.Workbook(
        workbook, {"nan_inf_to_errors": True, "strings_to_urls": False}
    ) as book:
        for name in draw.choice([["Sheet1"], ["订单", "空"], ["a", "b", "c"]]):
            sheet = book.add_worksheet(name)
            shift = draw.choice([0, 0, 0, 2, 900])
            for at, row in enumerate(rows):
                for column, cell in enumerate(row[:200]):
                    _write_cell(draw, sheet, at + shift, column, cell)
    data = workbook.getvalue()
    path.write_bytes(_member_changed(draw, data) if draw.random() < 0.3 else data)


def _write_cell(draw: random.Random, sheet: Any, at: int, column: int, cell: str) -> None:
    if draw.random() < 0.95:
        sheet.write_string(at, column, cell[:32_000])
        return
    value = draw.choice([v for v in ODD_VALUES if isinstance(v, bool | int | float | str)])
    if isinstance(value, str):
        sheet.write_formula(at, column, "=A1", value=value)
    else:
        sheet.write(at, column, value)


def _member_changed(draw: random.Random, data: bytes) -> bytes:
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        chosen = draw.choice(old.namelist())
        for name in old.namelist():
            member = old.read(name)
            if name == chosen and draw.random() < 0.5:
                old_text, new_text = draw.choice(_XML)
                member = member.replace(old_text, new_text)
            elif name == chosen:
                member = _bytes_changed(draw, member)
            new.writestr(name, member)
    return changed.getvalue()


_XML = [
    (b'r="A2"', b'r="XFD1048577"'), (b'r="B2"', b'r="ZZZZZZ99999999999"'), (b'row r="2"', b'row r="999999999"'), (b"<v>", b"<v>1e999"), (b"<v>", b"<v>Infinity</v><v>"),
    (b't="s"', b't="d"'), (b't="s"', b't="zz"'), (b"<sheetData>", b"<sheetData><!-- <c r='A9999999'><v>1234567890123456</v></c> -->"), (b"</worksheet>", b""),
    (b'<dimension ref="', b'<dimension ref="A1:XFD1048576" x="'), (b"<si>", b"<si><!DOCTYPE a>"), (b"<sheetData>", b"<sheetData>" + b"<row>" * 5_000),
]  # fmt: skip


def _write_parquet(draw: random.Random, path: Path, rows: list[list[str]]) -> None:
    width = len(rows[0])
    names = [f"{name}{i if rows[0].count(name) > 1 else ''}" for i, name in enumerate(rows[0])]
    by_column = [[row[i] if i < len(row) else None for row in rows[1:]] for i in range(width)]
    compression = draw.choice(["none", "zstd", "snappy"])
    columns = [_column(draw, cells, width) for cells in by_column]
    try:
        parquet.write_table(pa.table(columns, names), path, compression=compression)
    except pa.ArrowException:  # not every type can stand in Parquet
        parquet.write_table(
            pa.table([pa.array(cells, pa.string()) for cells in by_column], names), path
        )


def _column(draw: random.Random, cells: list[str | None], width: int) -> Any:
    """A column of text, or now and then of another type that its values may or may not have."""
    if draw.random() > 2 / width:
        return pa.array(cells, pa.string())
    for _ in range(20):
        kind, value = draw.choice(ODD_TYPES), draw.choice(ODD_VALUES)
        try:
            return pa.array([value for _ in cells], kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            continue
    return pa.array(cells, pa.string())


def _write_zip(draw: random.Random, path: Path, rows: list[list[str]]) -> None:
    with zipfile.ZipFile(
        path, "w", draw.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    ) as archive:
        for _ in range(draw.randint(0, 4)):
            name = draw.choice(
                [
                    "a.csv",
                    "订单.csv",
                    "xl/b.csv",
                    "../c.csv",
                    "/d.csv",
                    "e.txt",
                    "f/",
                    ".g.csv",
                    "h.xlsx",
                    "i.parquet",
                    "j" * 200 + ".csv",
                    "k\x1b[2J.csv",
                    "l.zip",
                ]
            )
            if name not in archive.namelist():
                archive.writestr(name, b"" if name.endswith("/") else _text(draw, rows))


def _write_gz(draw: random.Random, path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(gzip.compress(_text(draw, rows)))


def _write_as_text(
    write: Callable[..., object],
) -> Callable[[random.Random, Path, list[list[str]]], None]:
    def written(_draw: random.Random, path: Path, rows: list[list[str]]) -> None:
        plain = str.maketrans(
            dict.fromkeys(map(chr, (*range(9), 11, 12, *range(14, 32), 65534, 65535)), "")
        )
        write(path, [[cell.translate(plain)[:2_000] for cell in row[:200]] for row in rows])

    return written


_CONTAINERS: list[tuple[str, Callable[[random.Random, Path, list[list[str]]], None]]] = [
    (".csv", _write_text), (".csv", _write_text), (".csv", _write_text), (".txt", _write_text), (".tsv", _write_text), (".xlsx", _write_xlsx), (".xlsx", _write_xlsx),
    (".parquet", _write_parquet), (".parquet", _write_parquet), (".zip", _write_zip), (".csv.gz", _write_gz), (".xls", _write_text), (".csv", _write_xlsx),
    (".xls", _write_as_text(write_xls)), (".xlsb", _write_as_text(write_xlsb)), (".ods", _write_as_text(write_ods)),
]  # fmt: skip
