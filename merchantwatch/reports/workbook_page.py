"""One sheet of the workbook, as Excel shows it: a row after another, each cell as what it is."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from merchantwatch.language.text import Text
from merchantwatch.reports.formulas import as_text
from merchantwatch.reports.page import cells
from merchantwatch.reports.sheet_tables import Cell, Row
from merchantwatch.reports.sheets import Sheet

MOST_ROWS = 1_048_576
"""How many rows a sheet of Excel has, its header among them."""

LONGEST_CELL = 16_000
"""How many signs of a text are shown: of those that take two units, as many as Excel allows."""

_LOOKED_AT = 200
"""How many rows decide how wide a column is."""

_NARROWEST, _WIDEST = 6, 36
# In the digits of the default font: "2026-11-21 08:00" and a margin.
_TIME_WIDTH = 17
_LINE = 15
_MOST_WRAPPED = 300
"""A longer text stays on one line: a row as high as the screen is not readable."""

_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001  Excel's calendar is wrong before it
# Excel calculates with 15 digits: two of them are cents.
_WIDEST_MONEY = Decimal(10) ** 13
_WIDEST_NUMBER = 10**15
"""Beyond these a number of Excel's loses digits."""

_FILLS: dict[str, dict[str, object]] = {
    "red": {"bg_color": "#FBD5D5"},
    "amber": {"bg_color": "#FDEFC8"},
    "green": {"bg_color": "#D5F0DC"},
    "bold": {"bold": True},
    "": {},
}
_MORE = Text(
    zh="…… 另有 {n} 行，超出 Excel 的行数上限；全部任务见 -o tasks-csv，全部命中见 -o csv",
    en="… and {n|more row} than Excel has; all tasks: -o tasks-csv, all hits: -o csv",
)


class Looks:
    """How cells look: one format of the workbook for each colour and kind."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats: dict[tuple[str, str], Any] = {}
        self.header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E4E7EC"})

    def of(self, colour: str, kind: str) -> Any:
        """Return how cells of a kind look in a row of a colour."""
        if (colour, kind) not in self._formats:
            looks: dict[str, dict[str, object]] = {
                "time": {"num_format": "yyyy-mm-dd hh:mm"},
                "money": {"num_format": "#,##0.00"},
                "text": {"num_format": "@"},
                "wrapped": {"num_format": "@", "text_wrap": True},
                "number": {"num_format": "General"},
                "banner": {"bold": True, "font_size": 14},
            }
            looked = looks[kind] | _FILLS[colour] | {"valign": "top"}
            self._formats[colour, kind] = self._book.add_format(looked)
        return self._formats[colour, kind]


class Page:
    """A sheet that takes its rows one by one, as many as Excel holds, below lines and a header."""

    def __init__(self, book: Any, looks: Looks, sheet: Sheet, lang: str) -> None:
        self._sheet, self._looks, self._lang = sheet, looks, lang
        self._page = book.add_worksheet(sheet.name)
        self._titles = [title.of(lang) for title in sheet.columns]
        for place, banner in enumerate(sheet.banner):
            style = looks.of(banner.colour, "banner")
            self._page.set_row(place, 24, style)
            self._page.write_string(place, 0, _text(banner.text.of(lang)), style)
        self._header = len(sheet.banner)
        for column, title in enumerate(self._titles):
            self._page.write_string(self._header, column, title, looks.header)
        self._place = self._header
        # Widths are of the first rows: a sheet that streams cannot be looked through twice.
        self._first: list[Row] = []
        self._widths: list[int] = []
        self._last: Row | None = None
        self._beyond = 0

    def add(self, row: Row) -> None:
        """Write a row below those that are there."""
        if self._widths:
            self._write(row)
        else:
            self._first.append(row)
            if len(self._first) == _LOOKED_AT:
                self._write_first()

    def end(self, book: Any) -> None:
        """Write what is left, and let the sheet look as it should."""
        if not self._widths:
            self._write_first()
        if self._beyond:  # the last row says how many rows do not fit
            more = _MORE.fill(n=f"{self._beyond + 1:,}").of(self._lang)
            self._place += 1
            self._page.write_string(self._place, 0, more)
        elif self._last is not None:
            self._write_row(self._last)
        self._look()
        if self._sheet.charted and self._place > self._header:
            self._page.insert_chart(self._header, len(self._titles) + 1, self._chart(book))

    def _write_first(self) -> None:
        self._widths = _widths(self._titles, self._first)
        for row in self._first:
            self._write(row)
        self._first.clear()

    def _write(self, row: Row) -> None:
        """Write a row, but for the last that has room: it may have to say what has none."""
        if self._last is not None:
            self._beyond += 1
        elif self._place + 2 == MOST_ROWS:
            self._last = row
        else:
            self._write_row(row)

    def _write_row(self, row: Row) -> None:
        self._place += 1
        lines = max(map(_lines, row.cells, self._widths), default=1)
        if lines > 1:
            # Not every program fits rows to wrapped text.
            self._page.set_row(self._place, lines * _LINE)
        for column, cell in enumerate(row.cells):
            self._write_cell(column, cell, row.colour)

    def _write_cell(self, column: int, cell: Cell, colour: str) -> None:
        """Write a cell as what it is: nothing is a formula, and no id a number."""
        page, row, looks = self._page, self._place, self._looks
        if cell is None or cell == "":
            if colour:
                # Only for the colour: an empty cell would leave a gap in a coloured row.
                page.write_blank(row, column, None, looks.of(colour, "text"))
        elif isinstance(cell, datetime) and cell >= _FIRST_DAY:
            page.write_datetime(row, column, cell, looks.of(colour, "time"))
        elif isinstance(cell, Decimal) and abs(cell) < _WIDEST_MONEY:
            page.write_number(row, column, float(cell), looks.of(colour, "money"))
        elif isinstance(cell, int | float) and abs(cell) < _WIDEST_NUMBER:
            page.write_number(row, column, cell, looks.of(colour, "number"))
        else:
            kind = "wrapped" if _wraps(cell) else "text"
            page.write_string(row, column, _text(str(cell)), looks.of(colour, kind))

    def _look(self) -> None:
        """Freeze the header, filter by it, and print all columns on the width of a page."""
        page, header = self._page, self._header
        page.freeze_panes(header + 1, 0)
        page.autofilter(header, 0, self._place, len(self._widths) - 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.4)
        # One page wide, and as many high as it takes.
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, header)
        for column, width in enumerate(self._widths):
            page.set_column(column, column, width)

    def _chart(self, book: Any) -> Any:
        """Return a line for each column of numbers, over the moments of the first one."""
        chart, name = book.add_chart({"type": "line"}), self._sheet.name
        first, last = self._header + 1, self._place
        for column in range(1, len(self._titles)):
            chart.add_series(
                {
                    "name": [name, self._header, column],
                    "categories": [name, first, 0, last, 0],
                    "values": [name, first, column, last, column],
                }
            )
        # On an axis of dates Excel would put all runs of one day above one another.
        chart.set_x_axis({"num_format": "mm-dd", "text_axis": True})
        chart.set_legend({"position": "bottom"})
        return chart


def _widths(titles: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """Return how wide columns have to be for their titles and first rows, within bounds."""
    widths = [cells(title) + 3 for title in titles]  # the filter has its button beside the title
    for row in rows:
        for column, cell in enumerate(row.cells):
            wide = _TIME_WIDTH if isinstance(cell, datetime) else cells(str(cell or "")[:_WIDEST])
            widths[column] = max(widths[column], wide + 1)
    return [min(max(width, _NARROWEST), _WIDEST) for width in widths]


def _wraps(cell: Cell) -> bool:
    """Say whether a text is broken into lines: beyond the last column it would widen the page."""
    # No character is wider than two cells, so the length of most texts decides.
    may_wrap = isinstance(cell, str) and _WIDEST < 2 * len(cell) < 2 * _MOST_WRAPPED
    return may_wrap and cells(str(cell)) > _WIDEST


def _lines(cell: Cell, width: int) -> int:
    """Return how many lines a cell takes in a column of a width."""
    # Lines break between words, which leaves some of each line empty.
    return -(-cells(str(cell)) // (width - 4)) if _wraps(cell) else 1


def _text(cell: str) -> str:
    """Return a text that fits into a cell, and that a spreadsheet does not run as a formula."""
    text = as_text(cell)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
