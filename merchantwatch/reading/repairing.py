"""A text file read line by line, where a faster way would lose rows: every record is examined.

A quote that is not closed makes one cell of all rows after it. If its row is complete by itself,
the quote is read as an ordinary character; else the row is set aside. Rows of another length are
set aside too, unless only empty cells are superfluous or missing.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from merchantwatch.reading import no_records
from merchantwatch.reading.cells import Column
from merchantwatch.reading.headers import Header
from merchantwatch.reading.likeness import looks_like_a_time
from merchantwatch.reading.records import is_regular, parsed, without_end, written
from merchantwatch.reading.text import BadRow

_MOST_LINES = 10_000
"""A cell with more line breaks than this begins with a quote that was never closed."""

_BLANK = "\r\n"
"""An empty line, whichever way the line before it ends."""


class Repair(Struct):
    """The records of a file, repaired if possible, else set aside.

    ``columns`` say which cells are times and ids: by these a line is recognised as a separate row.
    ``blank`` are the numbers of empty rows, ``letters`` those of rows in which an unclosed quote
    was read as an ordinary character; ``records`` counts the records passed on.
    """

    header: Header
    columns: Mapping[int, Column]
    empty: tuple[str, ...]
    quoted: bool = True
    bad_rows: list[BadRow] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)
    blank: set[int] = field(default_factory=set)
    records: int = 0

    def lines(self, lines: Iterator[str]) -> Iterator[str]:
        """Yield the lines below the header, an empty one in place of each row that is set aside."""
        # An empty line keeps the numbers of the rows after it those that Excel shows.
        pending: list[str] = []
        row, signs = self.header.row, f'{self.header.delimiter} "\t'
        while (line := pending.pop() if pending else next(lines, None)) is not None:
            row += 1
            self.records += 1
            text = without_end(line)
            if not self.quoted:
                yield self._written(row, text.split(self.header.delimiter), letter=False)
            elif is_regular(text, self.header.delimiter, self.header.width):
                if not text.strip(signs):
                    self.blank.add(row)
                yield line
            else:
                read = parsed(text, self.header.delimiter)
                whole = self._closed(line, lines, pending) if read.is_open else read.cells
                yield self._written(row, whole or read.cells, letter=whole is None)

    def _closed(self, line: str, lines: Iterator[str], pending: list[str]) -> list[str] | None:
        """Return the cells of a record over several lines; None if its quote is a stray one.

        It is stray if a later line is a row by itself, or if no line closes the quote at the end of
        a cell. Then these lines are read again, one by one.
        """
        taken = [line]
        while len(taken) <= _MOST_LINES:
            following = pending.pop() if pending else next(lines, None)
            if following is None:
                break
            taken.append(following)
            # A note may hold line breaks, but hardly a line with all cells and times of a row.
            if self._is_a_row(without_end(following)):
                break
            if '"' in following.replace('""', ""):  # doubled ones close nothing
                read = parsed(without_end("".join(taken)), self.header.delimiter)
                if not read.is_open and not read.is_loose and self._fitted(read.cells) is not None:
                    return read.cells
                if not read.is_open:
                    break
        # Reversed, since lines are taken from the end.
        pending.extend(reversed(taken[1:]))
        return None

    def _is_a_row(self, text: str) -> bool:
        """Say whether a single line is a row: as wide as the header, with times in their places."""
        delimiter = self.header.delimiter
        if self.header.width == 1 or text.count(delimiter) < len(self.header.cells) - 1:
            return False
        return any(
            map(self._looks_like_a_row, (parsed(text, delimiter).cells, text.split(delimiter)))
        )

    def _looks_like_a_row(self, cells: list[str]) -> bool:
        if self._fitted(cells) is None:
            return False
        texts = {index: cells[index].strip(c.around) for index, c in self.columns.items()}
        ids = [texts[index] for index, column in self.columns.items() if column.is_id]
        times = [texts[index] for index, column in self.columns.items() if column.is_time]
        return (not ids or any(any(map(str.isalnum, one)) for one in ids)) and all(
            one in self.empty or looks_like_a_time(one) for one in times
        )

    def _fitted(self, cells: list[str]) -> list[str] | None:
        """Return as many cells as the file has columns; None where some are too many or missing."""
        width, least = self.header.width, len(self.header.cells)
        if len(cells) < least or any(cell.strip() for cell in cells[width:]):
            return None
        return [*cells[:width], *[""] * (width - len(cells))]

    def _written(self, row: int, cells: list[str], *, letter: bool) -> str:
        """Return a record as a line; an empty one where it is blank or set aside."""
        fitted = self._fitted(cells)
        if letter and (fitted is None or not self._looks_like_a_row(fitted)):
            self.bad_rows.append(BadRow(row, "DQ302"))
        elif fitted is None:
            bad = no_records.ragged(row, cells, self.header.width)
            if bad is not None:
                self.bad_rows.append(bad)
        elif any(map(str.strip, fitted)):
            if letter:
                self.letters.append(row)
            text = self.header.delimiter.join(fitted)
            return (written(fitted, self.header.delimiter) if self.quoted else text) + _BLANK
        self.blank.add(row)
        return _BLANK
