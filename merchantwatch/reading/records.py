"""Records of a text file, cell by cell, as the CSV reader understands them.

A quote opens a cell only where the cell begins; then the first quote that is not doubled closes it.
Anywhere else a quote is a letter.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

_BREAK = re.compile(r"[\r\n]")


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of a cell: quoted, with what stands behind it, or as it is."""
    sign = re.escape(delimiter)
    quoted = rf'"([^"]*(?:""[^"]*)*)"(?!")([^{sign}\r\n]*)'
    return re.compile(rf"(?:{quoted}|([^{sign}\r\n]*))({sign}|\Z)")


@cache
def _regular(delimiter: str, width: int) -> re.Pattern[str]:
    sign = re.escape(delimiter)
    cell = rf'(?:"[^"\r\n]*"|[^"{sign}\r\n]*)'
    return re.compile(rf"(?:{cell}{sign}){{{width - 1}}}{cell}")


def is_regular(line: str, delimiter: str, width: int) -> bool:
    """Say whether a line without its end is a record of ``width`` cells with no doubtful quote."""
    if '"' not in line:
        return line.count(delimiter) == width - 1
    return _regular(delimiter, width).fullmatch(line) is not None


class Record(NamedTuple):
    """The cells of a record, and whether a quote in it is not closed.

    It is ``loose`` where something stands between the quote that closes a cell and the cell's end.
    """

    cells: list[str]
    is_open: bool
    is_loose: bool


def parsed(text: str, delimiter: str) -> Record:
    """Return a record as it reads, a quote that is not closed taken as a letter.

    ``text`` has no line end.
    """
    pattern, cells, at = _cell(delimiter), list[str](), 0
    is_open = is_loose = False
    while (found := pattern.match(text, at)) is not None:
        quoted, behind, plain, sign = found.groups()
        if quoted is None:
            # It begins with a quote, but the pattern of a quoted cell did not fit.
            is_open |= plain.startswith('"')
            cells.append(plain)
        else:
            is_loose |= bool(behind)
            cells.append(quoted.replace('""', '"') + behind)
        if not sign:
            return Record(cells, is_open, is_loose)
        at = found.end()
    # A line break outside quotes: the rest is another record.
    return Record(cells, True, is_loose)


def written(cells: Sequence[str], delimiter: str) -> str:
    """Return a record as a line without its end; cells keep all of their letters."""
    special = (delimiter, '"', "\r", "\n")
    return delimiter.join(
        '"' + cell.replace('"', '""') + '"' if any(s in cell for s in special) else cell
        for cell in cells
    )


def without_end(line: str) -> str:
    """Return a line without its end."""
    return line.rstrip("\r\n")
