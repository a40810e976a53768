"""Tasks as CSV, the list that a warehouse prints, and as Parquet with all their fields."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import msgspec
from msgspec.structs import astuple

from merchantwatch.reports import work
from merchantwatch.reports.formulas import as_text
from merchantwatch.reports.hits import noted
from merchantwatch.reports.tasks import as_dict
from merchantwatch.results.model import Results
from merchantwatch.tasks import Task

_CHANGED_BY_EXCEL = re.compile(
    r"\d{12,}"  # rounded beyond 15 digits, and from 12 on shown as 6.9E+11
    r"|0\d+"  # without its zeros
    r"|\d+(\.\d+)?[eE][+-]?\d+"  # a power of ten
    r"|\d{1,4}[-/]\d{1,2}([-/]\d{1,4})?",  # a date
    re.ASCII,
)
"""Texts of which Excel makes other numbers, or dates."""

_SOME_TASKS = 10_000
_NESTED = ("lines", "order_ids", "then", "later", "rules", "effects", "text")


def render_csv(results: Results, file: IO[bytes]) -> None:
    """Write all tasks as CSV for Excel: UTF-8 with BOM, every cell harmless, long ids whole."""
    # Excel takes a CSV without this mark for the code page of Windows, and garbles Chinese.
    file.write(b"\xef\xbb\xbf")
    file.write(_line([name.of(results.lang) for name in work.COLUMNS]))
    for task in results.work.read_tasks():
        row = work.row(task, results.as_of, results.lang)
        file.write(_line([cell(value) for value in astuple(row)]))


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()


def cell(value: object) -> str:
    """Return a value as a cell that Excel neither shortens nor runs as a formula."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if value is None:
        return ""
    text = as_text(str(value))
    # A tab at its end makes the cell text.
    return f"{text}\t" if _CHANGED_BY_EXCEL.fullmatch(text) else text


def records(tasks: Iterable[Task], lang: str) -> list[dict[str, object]]:
    """Return tasks with typed values; nested ones are JSON text."""
    return [_record(task, lang) for task in tasks]


def _record(task: Task, lang: str) -> dict[str, object]:
    plain = as_dict(task, lang)
    nested = {name: msgspec.json.encode(plain[name]).decode() for name in _NESTED}
    return msgspec.structs.asdict(task) | nested


def render_parquet(results: Results, file: IO[bytes]) -> None:
    """Write all tasks as Parquet, with native types; the schema says if nothing was judged."""
    import pyarrow as pa
    from pyarrow import parquet

    tasks, schema = results.work.read_tasks(), noted(_schema(), results)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := records(islice(tasks, _SOME_TASKS), results.lang):
            writer.write_table(pa.Table.from_pylist(some, schema=schema))


def _schema() -> Any:
    import pyarrow as pa

    kinds: dict[str, pa.DataType] = {
        "quantity": pa.int64(),
        "amount": pa.decimal128(18, 2),
        "money_to_save": pa.decimal128(18, 2),
        "money_lost": pa.decimal128(18, 2),
        "due_at": pa.timestamp("us"),
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in Task.__struct_fields__])
