"""The workbook: tasks, products, cases and money as sheets of Excel, a row at a time."""

from collections.abc import Callable
from typing import IO, Any

from merchantwatch.reports import sheets
from merchantwatch.reports.workbook_page import Looks, Page
from merchantwatch.results.model import Results
from merchantwatch.support.leftovers import remove, temporary_folder


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
        write(book, sheets.book(results), results.lang)
        book.close()
    finally:
        remove(folder)
    if sink.error is not None:
        raise sink.error


def write(book: Any, content: sheets.Book, lang: str) -> None:
    """Write sheets and the rows of tasks into a workbook."""
    looks = Looks(book)
    # All sheets first: they stand in the order in which they are made.
    pages = {sheet.name: Page(book, looks, sheet, lang) for sheet in content.sheets}
    for row, names in content.of_tasks:
        for name in names:
            pages[name].add(row)
    for sheet in content.sheets:
        for row in sheet.rows:
            pages[sheet.name].add(row)
        pages[sheet.name].end(book)


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
