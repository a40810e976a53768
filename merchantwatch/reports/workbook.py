"""The workbook: tasks, products, cases and money as sheets of Excel, a row at a time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

from merchantwatch.language.text import Text
from merchantwatch.reports.formulas import as_text
from merchantwatch.reports.page import cells
from merchantwatch.reports.sheet_tables import Cell, Row
from merchantwatch.reports.sheets import Sheet, sheets
from merchantwatch.results.model import Results
from merchantwatch.support.leftovers import remove, temporary_folder

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


def render(results: Results, file: IO[bytes]) -> None:
    """Write the workbook: one row is in memory, the sheets are in a temporary folder."""
    import xlsxwriter

    folder, sink = temporary_folder(), _Sink(file)
    # Rows go to a file as they are written, so that a million of them take no more memory.
    options = {"constant_memory": True, "tmpdir": str(folder), "use_zip64": True}
    try:
        book = xlsxwriter.Workbook(sink, options)
        # As-of, not the clock: equal results make equal files.
        book.set_properties({"author": "merchantwatch", "created": results.as_of})
        writer = _Writer(book, results.lang)
        for sheet in sheets(results):
            writer.write(sheet)
        book.close()
    finally:
        remove(folder)
    if sink.error is not None:
        raise sink.error


class _Sink:
    """A file that accepts whatever is written, and records the first error.

    Otherwise zipfile would try to write its end into a file that is no longer there.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def _try(self, step: Callable[[], Any], otherwise: int) -> Any:
        if self.error is None:
            try:
                return step()
            except OSError as error:
                self.error = error
        return otherwise

    def seekable(self) -> bool:
        return self._file.seekable()

    def write(self, data: bytes) -> int:
        return int(self._try(lambda: self._file.write(data), len(data)))

    def seek(self, place: int, whence: int = 0) -> int:
        return int(self._try(lambda: self._file.seek(place, whence), place))

    def tell(self) -> int:
        if not self.seekable():  # a pipe: zipfile then writes without seeking back
            return self._file.tell()
        return int(self._try(self._file.tell, 0))

    def flush(self) -> None:
        self._try(self._file.flush, 0)


class _Writer:
    def __init__(self, book: Any, lang: str) -> None:
        self._book, self._lang = book, lang
        self._formats: dict[tuple[str, str], Any] = {}
        self._header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E4E7EC"})

    def write(self, sheet: Sheet) -> None:
        """Write a sheet: the lines above the table, the header, and as many rows as Excel holds."""
        page = self._book.add_worksheet(sheet.name)
        titles = [title.of(self._lang) for title in sheet.columns]
        for place, banner in enumerate(sheet.banner):
            style = self._format(banner.colour, "banner")
            page.set_row(place, 24, style)
            page.write_string(place, 0, _text(banner.text.of(self._lang)), style)
        header = len(sheet.banner)
        for column, title in enumerate(titles):
            page.write_string(header, column, title, self._header)
        rows = iter(sheet.rows)
        # Widths are of the first rows: a sheet that streams cannot be looked through twice.
        first = list(islice(rows, _LOOKED_AT))
        widths = _widths(titles, first)
        last = self._rows(page, header + 1, chain(first, rows), widths)
        self._look(page, header, max(last, header), widths)
        if sheet.charted and last > header:
            page.insert_chart(
                header, len(titles) + 1, self._chart(sheet.name, header, last, titles)
            )

    def _chart(self, name: str, header: int, last: int, titles: Sequence[str]) -> Any:
        """Return a line for each column of numbers, over the moments of the first one."""
        chart = self._book.add_chart({"type": "line"})
        for column in range(1, len(titles)):
            chart.add_series(
                {
                    "name": [name, header, column],
                    "categories": [name, header + 1, 0, last, 0],
                    "values": [name, header + 1, column, last, column],
                }
            )
        # On an axis of dates Excel would put all runs of one day above one another.
        chart.set_x_axis({"num_format": "mm-dd", "text_axis": True})
        chart.set_legend({"position": "bottom"})
        return chart

    def _rows(self, page: Any, start: int, rows: Iterator[Row], widths: Sequence[int]) -> int:
        """Write the rows, and return where the last one stands."""
        place = start - 1
        for row in rows:
            place += 1
            further = sum(1 for _ in rows) if place + 1 == MOST_ROWS else 0
            if further:  # the last row says how many rows do not fit
                more = _MORE.fill(n=f"{further + 1:,}").of(self._lang)
                page.write_string(place, 0, more)
                return place
            lines = max(map(_lines, row.cells, widths), default=1)
            if lines > 1:
                page.set_row(place, lines * _LINE)  # not every program fits rows to wrapped text
            for column, cell in enumerate(row.cells):
                self._cell(page, place, column, cell, row.colour)
        return place

    def _cell(self, page: Any, row: int, column: int, cell: Cell, colour: str) -> None:
        """Write a cell as what it is: nothing is a formula, and no id a number."""
        if cell is None or cell == "":
            if colour:
                # Only for the colour: an empty cell would leave a gap in a coloured row.
                page.write_blank(row, column, None, self._format(colour, "text"))
        elif isinstance(cell, datetime) and cell >= _FIRST_DAY:
            page.write_datetime(row, column, cell, self._format(colour, "time"))
        elif isinstance(cell, Decimal) and abs(cell) < _WIDEST_MONEY:
            page.write_number(row, column, float(cell), self._format(colour, "money"))
        elif isinstance(cell, int | float) and abs(cell) < _WIDEST_NUMBER:
            page.write_number(row, column, cell, self._format(colour, "number"))
        else:
            kind = "wrapped" if _wraps(cell) else "text"
            page.write_string(row, column, _text(str(cell)), self._format(colour, kind))

    def _format(self, colour: str, kind: str) -> Any:
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

    @staticmethod
    def _look(page: Any, header: int, last: int, widths: Sequence[int]) -> None:
        """Freeze the header, filter by it, and print all columns on the width of a page."""
        page.freeze_panes(header + 1, 0)
        page.autofilter(header, 0, last, len(widths) - 1)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.4)
        # One page wide, and as many high as it takes.
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, header)
        for column, width in enumerate(widths):
            page.set_column(column, column, width)


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
