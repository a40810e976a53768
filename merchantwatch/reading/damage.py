"""What Excel and hand-editing do to files, seen where nothing else tells: in whole columns."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from merchantwatch.reading.text import BadRow

EXACT_DIGITS = 15
"""Excel keeps so many digits of a number and makes zeros of the others."""

_LONG, _CUT = rf"^\d{{{EXACT_DIGITS + 1},}}$", rf"^\d{{{EXACT_DIGITS}}}0+$"

_ENOUGH_ZEROS = 4
"""Fewer zeros than this, over different ids, may be chance."""

_FIRST_LOOK = 64
"""Rows that decide nearly always: one whole id among them is enough."""

_PATIENCE = 1 << 17
"""After so many rows without a long number, a column is one of other ids."""

_LEAST_OF_A_CELL = 3
"""A row has at least so many bytes for each cell: two signs and what parts it from the next."""

_MOST_LINES = 200
"""A cell with more line breaks than this is a quote that was never closed."""


@dataclass
class _Ids:
    """What was seen of a column's ids: how many rows, and a few of the cut ones."""

    seen: int = 0
    cut: set[str] = field(default_factory=set)


class CutIds:
    """Looks for columns in which Excel has cut every long id to fifteen digits.

    One id that ends in zeros may be a good one; where each of several different ones does, and
    none is whole, they were cut. As soon as one whole id is seen, nobody looks any further.
    """

    def __init__(self, columns: Iterable[int]) -> None:
        self._open = {column: _Ids() for column in columns}

    @property
    def undecided(self) -> bool:
        """Whether some column may still turn out to be cut."""
        return bool(self._open)

    @property
    def columns(self) -> frozenset[int]:
        """The columns whose ids were all cut, once all is seen."""
        return frozenset(
            column
            for column, ids in self._open.items()
            if len(ids.cut) > 1 and sum(len(one) - EXACT_DIGITS for one in ids.cut) >= _ENOUGH_ZEROS
        )

    def look(self, columns: Mapping[int, Any]) -> None:
        """Look at columns of cleaned cells, by their positions."""
        for column, ids in list(self._open.items()):
            cells = columns[column]
            if _is_good(ids, cells[:_FIRST_LOOK]) or _is_good(ids, cells[_FIRST_LOOK:]):
                self._open.pop(column, None)


def _is_good(ids: _Ids, cells: Any) -> bool:
    """Take note of some cells of a column, and say whether they show that it was not cut."""
    from pyarrow import compute

    ids.seen += len(cells)
    if (compute.max(compute.binary_length(cells)).as_py() or 0) > EXACT_DIGITS:
        long = cells.filter(compute.match_substring_regex(cells, _LONG))
        cut = long.filter(compute.match_substring_regex(long, _CUT))
        if len(cut) < len(long):
            return True
        if len(ids.cut) <= _ENOUGH_ZEROS:
            ids.cut.update(compute.unique(cut)[: _ENOUGH_ZEROS + 1].to_pylist())
    return not ids.cut and ids.seen > _PATIENCE


def swallowed(column: Any, delimiter: str, expected: int) -> bool:
    """Say whether a text cell holds a line break and then what looks like a row of its own.

    Such a cell is as long as a row, so that its length rules nearly all columns out.
    """
    from pyarrow import compute

    lengths = compute.binary_length(column)
    if (compute.max(lengths).as_py() or 0) < _LEAST_OF_A_CELL * expected:
        return False
    long = column.filter(compute.greater_equal(lengths, _LEAST_OF_A_CELL * expected))
    sign = "\\t" if delimiter == "\t" else f"[{delimiter}]"
    row = rf"[\r\n][^\r\n]*({sign}[^\r\n]*){{{max(1, min(expected // 2, 500))}}}"
    return bool(compute.any(compute.match_substring_regex(long, row)).as_py())


def mended(
    lines: Iterator[str], delimiter: str, expected: int, bad_rows: list[BadRow]
) -> Iterator[str]:
    """Yield the lines of a file of which some open a quote that nobody closes.

    Lines that together make one whole row stand as they are. The first line of any that do not is
    left blank and set aside, and the rows after it are read as if it were not there.
    """
    ahead: list[str] = []
    lines = iter(lines)
    row = 0
    while (line := ahead.pop() if ahead else next(lines, None)) is not None:
        row += 1
        taken = [line]
        while _is_open(taken) and len(taken) <= _MOST_LINES:
            following = ahead.pop() if ahead else next(lines, None)
            if following is None:
                break
            taken.append(following)
        if row > 1 and '"' in line and not _is_whole(taken, delimiter, expected):
            bad_rows.append(BadRow(row, "DQ302"))
            ahead.extend(reversed(taken[1:]))
            yield line[len(line.rstrip("\r\n")) :] or "\n"
        else:
            yield from taken


def _is_open(lines: list[str]) -> bool:
    return sum(line.count('"') for line in lines) % 2 == 1


def _is_whole(lines: list[str], delimiter: str, expected: int) -> bool:
    """Say whether lines make one row: by itself a line does, unless it opens a quote."""
    if len(lines) == 1:
        return not _is_open(lines)
    try:
        (cells,) = csv.reader(lines, delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return False
    return len(cells) == expected


def conflict(text: str) -> bool:
    """Say whether a line is a marker that a merge of two versions has left."""
    return text.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"))
