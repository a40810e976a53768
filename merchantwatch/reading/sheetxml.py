"""The XML of a workbook's sheets, searched for what the values of their cells do not show.

python-calamine lays a sheet out as a rectangle: one cell far off the table takes all memory, and
ends the process. So every sheet is searched first. A usual one costs one search of its bytes; its
cells are examined one by one only if that finds something.
"""

import re
from collections.abc import Iterator
from typing import IO

from msgspec import Struct

_BLOCK, _OVERLAP = 1 << 22, 256
_HEAD = 1 << 16

_FEWEST_CELLS = 1 << 25
"""A sheet may always be laid out as this many cells: some 800 MB."""

_BYTES_A_CELL = 4
"""Beyond that, one cell for this many bytes of XML: a cell that holds something takes twenty."""

_ROWS_MOST, _COLUMNS_MOST = 1 << 20, 1 << 14

_TAG = re.compile(rb"<(?:\w+:)?(row|c)(\s[^<>]*?)?(/?)>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)([0-9]*)\s*["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_CELL_ENDS = re.compile(rb"</(?:\w+:)?c\s*>")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v>[^<]|is[\s>])")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s(?=[^<>]*\bt\s*=\s*["']e["'])[^<>]*>""")
_IS_TEXT = re.compile(rb"""\st\s*=\s*["']str["']""")
_HIDDEN = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_HIDES = re.compile(rb"<!--|<!\[CDATA\[")

_SPEAKS = r"<!-|<!\[C|<(\w+:)?f[\s/>]|\st\s*=\s*[\"']e[\"']"
"""Formulas, errors, and what is commented out."""

_UNPLACED = r"<(\w+:)?(c|row)(\s*/?>|\s+([^r\s]|r[^=\s]))|\s{64}"
"""Cells and rows whose place is not their first attribute."""


class Looked(Struct, frozen=True):
    """Findings in a sheet's XML.

    ``far`` is the name of the cell that makes the sheet too large to be laid out. ``unvalued`` are
    the cells whose formula has no stored value, ``failed`` those that hold an error (``#N/A``),
    both by row, from 1, and column, from 0.
    """

    far: str = ""
    unvalued: frozenset[tuple[int, int]] = frozenset()
    failed: frozenset[tuple[int, int]] = frozenset()


def looked_at(part: IO[bytes], size: int) -> Looked:
    """Search the XML of a sheet, given its size in bytes."""
    most = max(_FEWEST_CELLS, size // _BYTES_A_CELL)
    beyond = _beyond(part.read(_HEAD), most)
    # One search for all of it: most sheets have nothing, and are read no further.
    if not _has(part, f"{_SPEAKS}|{beyond}"):
        return Looked()
    if _has(part, beyond) and (far := _far(part, most)):
        return Looked(far)
    return Looked("", frozenset(_unvalued(part)), frozenset(_failed(part)))


def _beyond(head: bytes, most: int) -> str:
    """Return a pattern of all places beyond those that may be laid out; it may match others too.

    The number of columns is taken from the beginning, rounded up to a multiple of 26.
    """
    # Inexact, since RE2 cannot compare numbers; a match is only the reason to examine all cells.
    columns = max((position(place[1]) for place in _PLACE.finditer(head) if place[1]), default=0)
    first = chr(ord("A") + min(columns // 26, 25))  # of the two letters of the next column
    rows = most // (26 * (columns // 26 + 1))
    digits, leading = len(str(rows)), int(str(rows)[0])
    larger = f"[{leading + 1}-9][0-9]{{{digits - 1}}}|" if leading < 9 else ""  # noqa: PLR2004
    begins = r"\sr\s*=\s*[\"']\s*"
    return (
        f"{_UNPLACED}|{begins}([A-Za-z]{{3}}|[{first}-Z{first.lower()}-z][A-Za-z])"
        f"|{begins}[A-Za-z]*({larger}[0-9]{{{digits + 1}}})"
    )


def _has(part: IO[bytes], pattern: str) -> bool:
    """Say whether a part matches a pattern of RE2, whose time is linear in the bytes."""
    import pyarrow as pa
    from pyarrow import compute

    part.seek(0)
    rest = b""
    while block := part.read(_BLOCK):
        text = rest + block
        found = compute.match_substring_regex(pa.array([text], pa.binary()), pattern)
        if found[0].as_py():
            return True
        # A tag may be cut by the end of a block.
        rest = text[-_OVERLAP:]
    return False


def _far(part: IO[bytes], most: int) -> str:
    """Return the cell by which a sheet's rectangle becomes too large; "" where it does not."""
    rows = columns = 0
    for row, column in _cells(part):
        rows, columns = max(rows, row), max(columns, column + 1)
        if rows > _ROWS_MOST or columns > _COLUMNS_MOST or rows * columns > most:
            return f"{letters(column)}{row}"
    return ""


def _cells(part: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the row, from 1, and the column, from 0, of each cell that holds something."""
    row, column = 0, -1
    for text in shown(part):
        for tag in _TAG.finditer(text):
            place = _PLACE.search(tag[2] or b"")
            number = int(place[2]) if place and place[2] else 0
            if tag[1] == b"row":
                row, column = number or row + 1, -1
                continue
            column = position(place[1]) if place and place[1] else column + 1
            if not tag[3]:
                yield number or row, column


def _unvalued(part: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the cells whose formula has no stored value."""
    for text in shown(part):
        for formula in _FORMULA.finditer(text):
            begins = max(text.rfind(sign, 0, formula.start()) for sign in (b"<c ", b":c "))
            ends = _CELL_ENDS.search(text, formula.start())
            if begins < 0 or ends is None:
                continue
            opened = text.find(b">", begins)
            place = _PLACE.search(text, begins, opened)
            if place is None or _IS_TEXT.search(text, begins, opened):
                continue
            if not _VALUE.search(text, opened, ends.start()):
                yield int(place[2] or 0), position(place[1])


def _failed(part: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the cells that hold an error."""
    for text in shown(part):
        for cell in _ERROR.finditer(text):
            if place := _PLACE.search(cell[0]):
                yield int(place[2] or 0), position(place[1])


def shown(part: IO[bytes]) -> Iterator[bytes]:
    """Yield a part's XML without comments, in blocks that end before a cell."""
    # A comment or CDATA may hold text that looks like cells.
    part.seek(0)
    rest = b""
    while block := part.read(_BLOCK):
        text = _HIDDEN.sub(b"", rest + block)
        if hides := _HIDES.search(text):
            yield text[: hides.start()]
            rest = hides[0] + b" " + text[hides.end() :][-2:]
            continue
        end = max(text.rfind(sign) for sign in (b"<c ", b":c ", b"<row", b":row"))
        end = end if end > len(text) - _BLOCK else len(text)
        yield text[:end]
        rest = text[end:]
    yield rest


def position(name: bytes) -> int:
    """Return the position of a column, from 0: A, B … Z, AA."""
    place = 0
    for letter in name.upper()[:8]:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def letters(column: int) -> str:
    """Return the name of a column."""
    name, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
