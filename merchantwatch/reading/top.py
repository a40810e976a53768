"""The first records of a text file, in a given encoding and with a given delimiter."""

import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_FIRST_SIGNS = 256
_SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)
_LINE = r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+"
_LINE_OF_TEXT, _LINE_OF_BYTES = re.compile(_LINE), re.compile(_LINE.encode())


class Record(NamedTuple):
    """A record of the head of a file, and how many lines there are to its end."""

    cells: tuple[str, ...]
    lines: int


def fitted(cells: tuple[str, ...], below: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return a header and the number of cells of its rows, as the first of them shows.

    Many exporters end each row with one more delimiter than the header, or only the header.
    """
    least = max((n for n, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    if len(below) == len(cells) or len(below) < least or any(map(str.strip, below[least:])):
        return cells, len(cells)
    return cells[: max(least, min(len(cells), len(below)))], len(below)


def stated(head: bytes, encoding: str) -> str:
    """Return the delimiter that the first line states for Excel (``sep=;``), or ""."""
    try:
        first = next(_lines(head[:_FIRST_SIGNS], encoding), "")
    except UnicodeDecodeError:
        return ""
    stated = _SEPARATOR.fullmatch(first)
    return stated[1] if stated else ""


def top_of(head: bytes, encoding: str, delimiter: str, most: int) -> list[Record]:
    """Return the first records, which may span lines inside quotes.

    Raises UnicodeDecodeError and csv.Error where the very first cannot be read.
    """
    reader = csv.reader(_lines(head, encoding), delimiter=delimiter)
    top: list[Record] = []
    try:
        for cells in itertools.islice(reader, most):
            top.append(Record(tuple(cells), reader.line_num))  # noqa: PERF401  what came counts
    except (UnicodeDecodeError, csv.Error):
        if not top:
            raise
    return top


def _lines(head: bytes, encoding: str) -> Iterator[str]:
    if encoding.startswith("utf-16"):
        text = head[: len(head) // 2 * 2].decode(encoding, "ignore")
        return (line[0] for line in _LINE_OF_TEXT.finditer(text))
    # Line by line: hardly more than the first is needed, and later ones may not decode.
    return (line[0].decode(encoding) for line in _LINE_OF_BYTES.finditer(head))
