"""Numbers too long for Excel, with all their digits, from a workbook's XML.

Excel stores and writes fifteen digits of a number. Another program may have written a whole id as
a number, and python-calamine, which reads numbers as floats, loses its last digits.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable
from typing import IO

from merchantwatch.reading.sheetxml import position, shown

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<v>([0-9]{16,19})</v>')

Opened = Callable[[], IO[bytes] | None]
"""A function that opens the XML of a sheet, or returns None if there is none."""


class Digits:
    """The long numbers of one sheet of an xlsx, searched when first needed.

    A number that is written in an unusual way stays unknown.
    """

    def __init__(self, sheet: Opened) -> None:
        self._sheet = sheet
        self._found: dict[int, _Column] | None = None

    def of(self, number: float, row: int, column: int) -> str | None:
        """Return all digits of a number in a cell, rows counted from 1 and columns from 0."""
        # On first need: few workbooks have such numbers, and the XML may be large.
        if self._found is None:
            self._found = _long_numbers(self._sheet())
        found = self._found[column].at(row) if column in self._found else 0
        # The XML is searched by a pattern: a number of another cell must not be taken for this one.
        return str(found) if found and float(found) == number else None


class _Column:
    """The long numbers of a column, by their rows in ascending order."""

    def __init__(self) -> None:
        self._rows, self._numbers = array("L"), array("Q")

    def add(self, row: int, number: int) -> None:
        """Add a number; one above the last row added is left out."""
        if not self._rows or row > self._rows[-1]:
            self._rows.append(row)
            self._numbers.append(number)

    def at(self, row: int) -> int:
        """Return the number of a row, 0 where there is none."""
        place = bisect_left(self._rows, row)
        there = place < len(self._rows) and self._rows[place] == row
        return self._numbers[place] if there else 0


def _long_numbers(sheet: IO[bytes] | None) -> dict[int, _Column]:
    """Return the long numbers of each column."""
    found: dict[int, _Column] = {}
    if sheet is not None:
        with sheet:
            for text in shown(sheet):
                for cell in _CELL.finditer(text):
                    column = found.setdefault(position(cell[1]), _Column())
                    column.add(int(cell[2]), int(cell[3]))
    return found
