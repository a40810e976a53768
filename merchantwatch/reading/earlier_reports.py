"""Recognises earlier reports of this program, which are skipped among the exports."""

import csv
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from merchantwatch.errors import InputError
from merchantwatch.reading.packed import Content

_HITS = frozenset({"code", "state", "line_id", "source_file", "source_row"})
_QUARANTINE = frozenset({"file", "row", "column", "value", "reason", "what_to_do"})
_SIGNS = (
    "merchantwatch · ",
    '"schema": "merchantwatch.',
    '<meta name="generator" content="merchantwatch">',
    "# HELP merchantwatch_",
)
"""Text near the beginning of reports that are no tables: text, JSON, HTML, metrics."""

_TASKS = (
    frozenset({"剩余", "截止", "动作", "可避免损失", "依据"}),
    frozenset({"Time left", "Due", "Action", "Can be saved", "Why"}),
    frozenset({"kind", "owner", "due_at", "money_to_save", "effects"}),
)
"""Some columns of the tables of tasks, in both languages and as Parquet."""

_PROPERTIES = "docProps/core.xml"
_AUTHOR = b"<dc:creator>merchantwatch</dc:creator>"
"""The part of a workbook that names its author, and this program's entry in it."""

_HEAD_BYTES = 1 << 10


def is_report_table(headers: Collection[str]) -> bool:
    """Say whether a table's headers are those of a report of this program."""
    return any(names.issubset(headers) for names in (_HITS, _QUARANTINE, *_TASKS))


def is_report_file(path: Path) -> bool:
    """Say whether a file is a report of this program, by its beginning.

    An unreadable file is not: reading it will say what is wrong with it.
    """
    # By extension only here: reports of this program have the right one.
    readers = {".parquet": _of_parquet, ".xlsx": _of_workbook}
    with suppress(OSError, InputError):
        return readers.get(path.suffix.lower(), _of_text)(path)
    return False


def _of_parquet(path: Path) -> bool:
    import pyarrow as pa
    from pyarrow import parquet

    with suppress(pa.ArrowException, UnicodeDecodeError):
        return is_report_table(parquet.read_schema(path).names)
    return False


def _of_workbook(path: Path) -> bool:
    with suppress(KeyError):  # it has no such part
        return _AUTHOR in Content(path, str(path), "zip", _PROPERTIES).head(_HEAD_BYTES)
    return False


def _of_text(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES).decode("utf-8-sig", "replace")
    first = next(iter(head.splitlines()), "")
    with suppress(csv.Error):
        return any(sign in head for sign in _SIGNS) or is_report_table(
            next(csv.reader([first]), [])
        )
    return False
