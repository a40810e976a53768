"""Tables of web pages, which back offices serve under the name of a workbook (.xls).

Some serve Excel's XML of 2003 in the same way; only its rows and cells have other names.
"""

import codecs
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from msgspec import Struct, field

from merchantwatch.errors import InputError
from merchantwatch.reading.merged import Range
from merchantwatch.reading.packed import Content

_MOST = 256 << 20
_COLUMNS_MOST = 1 << 14
_HEAD = 1 << 10
_BEGINS = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?\w[^>]*>\s*)*"
    rb"<(!doctype\s+html|html|head|meta|body|table|workbook)\b",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_TABLES, _ROWS, _CELLS = {"table"}, {"tr", "row"}, {"td", "th", "cell"}
_BREAKS = {"br", "p", "div"}


class Table(Struct):
    """The rows of a table, all of one length, and its cells that cover several rows."""

    rows: list[list[str]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


def is_html(content: Content) -> bool:
    """Say whether a file is a web page or a workbook in XML, by its first bytes."""
    return _BEGINS.match(content.head(_HEAD)) is not None


def tables(content: Content) -> Iterator[Table]:
    """Yield the tables of a web page that hold anything.

    Raises InputError where there is none, or the page is in no encoding that is understood.
    """
    reader = _Reader()
    reader.feed(_text(content))
    reader.close()
    found = [table for table in reader.tables if any(map(any, table.rows))]
    if not found:
        raise InputError(
            f"{content.label}: it is a web page without a table; log in and export the file again",
            f"{content.label}：这是一个没有表格的网页；请登录后重新导出",
        )
    for table in found:
        width = max(map(len, table.rows))
        table.rows = [row + [""] * (width - len(row)) for row in table.rows]
        yield table


def _text(content: Content) -> str:
    data = content.whole(_MOST)
    stated = _CHARSET.search(data[:_HEAD])
    # The stated encoding first, then what Chinese back offices really send.
    for name in (stated[1].decode() if stated else "utf-8", "utf-8-sig", "gb18030"):
        try:
            # Pages that state gb2312 hold characters of its successor GB18030, as browsers know.
            encoding = codecs.lookup(name).name
            return data.decode("gb18030" if encoding in ("gb2312", "gbk") else encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    raise InputError(
        f"{content.label}: it is a web page in no encoding that is understood; "
        "open it in Excel and save it as .xlsx or CSV",
        f"{content.label}：这是一个编码无法识别的网页；请用 Excel 打开并另存为 .xlsx 或 CSV",
    )


class _Reader(HTMLParser):
    """Collects the cells of tables; a table within a cell is part of that cell."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._taken: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag in _TABLES:
            self._depth += 1
            if self._depth == 1:
                self.tables.append(Table())
                self._taken = {}
        elif self._depth > 1 or not self.tables:
            return
        elif tag in _ROWS:
            self._end_cell()
            self.tables[-1].rows.append([])
        elif tag in _CELLS and self.tables[-1].rows:
            self._end_cell()
            self._cell = []
            self._begin_cell(dict(attrs))
        elif tag in _BREAKS and self._cell:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a cell with itself, its row or its table."""
        if self._depth == 1 and tag in _CELLS | _ROWS | _TABLES:
            self._end_cell()
        if tag in _TABLES:
            self._depth = max(self._depth - 1, 0)

    def handle_data(self, data: str) -> None:
        """Add text to the cell that is open."""
        if self._cell is not None:
            self._cell.append(data)

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        """Go to the column of a cell: past those that a merged cell of a row above covers."""
        # Bounded: a column number such as ss:Index="999999" would fill the memory.
        row, number = self.tables[-1].rows[-1], len(self.tables[-1].rows) - 1
        until = _number(attributes.get("ss:index")) - 1
        while len(row) < min(until, _COLUMNS_MOST) or self._taken.get(len(row), -1) >= number:
            row.append("")
        down = max(_number(attributes.get("rowspan")), _number(attributes.get("ss:mergedown")) + 1)
        right = max(
            _number(attributes.get("colspan")), _number(attributes.get("ss:mergeacross")) + 1
        )
        self._spans = (down, min(right, _COLUMNS_MOST - len(row)))

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        table, (down, right) = self.tables[-1], self._spans
        row, number = table.rows[-1], len(table.rows) - 1
        column = len(row)
        row.append(" ".join("".join(self._cell).split()))
        row.extend([""] * (right - 1))
        if down > 1:
            table.merged.append(((number, column), (number + down - 1, column)))
            self._taken |= dict.fromkeys(range(column, column + right), number + down - 1)
        self._cell = None


def _number(text: str | None) -> int:
    """Return a small whole number, 0 where there is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0  # noqa: PLR2004
