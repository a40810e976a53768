"""Numbers too long for Excel, with all their digits: as they stand in a workbook's own XML.

Excel keeps fifteen digits of a number and writes no more. What another program wrote as a number
may be a whole id, of which whoever reads numbers loses the end.
"""

import re
import zipfile
from array import array
from collections.abc import Callable, Iterator
from typing import IO, Any

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<v>([0-9]{16,19})</v>')
_SHEET = re.compile(rb'<sheet\b[^>]*\br:id="([^"]+)"')
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ID, _TARGET = re.compile(rb'\bId="([^"]+)"'), re.compile(rb'\bTarget="/?(?:xl/)?([^"]+)"')

_BLOCK, _LONGEST_CELL = 1 << 22, 1 << 10
_LARGEST_INDEX = 1 << 20


class Digits:
    """The long numbers of one sheet of an xlsx, the ``place``-th: looked for when first asked.

    What is not written as it usually is stays unknown.
    """

    def __init__(self, book: Callable[[], IO[bytes]], place: int) -> None:
        self._book, self._place = book, place
        self._found: dict[int, Any] | None = None

    def of(self, number: float, row: int, column: int) -> str | None:
        """Return all digits of a number in a cell, rows counted from 1 and columns from 0."""
        if self._found is None:
            with self._book() as book:
                self._found = _long_numbers(book, self._place)
        numbers = self._found.get(column, ())
        found = numbers[row] if row < len(numbers) else 0
        return str(found) if found and float(found) == number else None


def _long_numbers(book: IO[bytes], place: int) -> dict[int, Any]:
    """Return for each column its long numbers by row, 0 where none stands."""
    found: dict[int, Any] = {}
    if not zipfile.is_zipfile(book):
        return found
    book.seek(0)
    with zipfile.ZipFile(book) as parts:
        name = _part(parts, place)
        if name is None:
            return found
        with parts.open(name) as sheet:
            for letters, at, digits in _cells(sheet):
                numbers, row = found.setdefault(_position(letters), array("Q")), int(at)
                numbers.extend([0] * (row + 1 - len(numbers)))
                numbers[row] = int(digits)
    return found


def _part(parts: zipfile.ZipFile, place: int) -> str | None:
    """Return the name of the part that holds a sheet; None where the workbook names none."""
    index, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {index, relations} <= set(parts.namelist()):
        return None
    sheets = _SHEET.findall(_head(parts, index))
    targets = {}
    for relation in _RELATION.findall(_head(parts, relations)):
        named, target = _ID.search(relation), _TARGET.search(relation)
        if named and target:
            targets[named[1]] = f"xl/{target[1].decode()}"
    name = targets.get(sheets[place]) if place < len(sheets) else None
    return name if name in parts.namelist() else None


def _head(parts: zipfile.ZipFile, name: str) -> bytes:
    with parts.open(name) as part:
        return part.read(_LARGEST_INDEX)


def _cells(sheet: IO[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the letters, the row and the digits of each long number, block by block."""
    rest = b""
    while block := sheet.read(_BLOCK):
        text, end = rest + block, 0
        for cell in _CELL.finditer(text):
            yield cell[1], cell[2], cell[3]
            end = cell.end()
        rest = text[max(end, len(text) - _LONGEST_CELL) :]


def _position(letters: bytes) -> int:
    """Return the position of a column, from 0: A, B … Z, AA."""
    position = 0
    for letter in letters:
        position = position * 26 + letter - ord("A") + 1
    return position - 1
