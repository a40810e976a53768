"""Sheets of workbooks (xlsx, xlsb, xls, ods), each as a source of text cells.

Times and numbers are spelled as exports write them, so that a sheet and the same rows in a CSV file
give the same values. Only known columns of a sheet are read, and nothing is written to disk.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from merchantwatch.errors import InputError
from merchantwatch.reading import no_records
from merchantwatch.reading.arrow import Batch, Cells, without_nothing
from merchantwatch.reading.cells import Wanted, without_blank_lines
from merchantwatch.reading.cut_ids import CutIds
from merchantwatch.reading.digits import Digits
from merchantwatch.reading.headers import Words
from merchantwatch.reading.heading import HEADER_WITHIN, header_among
from merchantwatch.reading.html import tables
from merchantwatch.reading.merged import Range, Rows, filled_down, spreads
from merchantwatch.reading.packed import Content
from merchantwatch.reading.plain import split_plain, texts_of
from merchantwatch.reading.profile import UNDECIDED, Profile, Styles
from merchantwatch.reading.sheetxml import Looked, letters
from merchantwatch.reading.spelling import EXACT, spelled
from merchantwatch.reading.text import BadRow, TextSource
from merchantwatch.reading.workbook import opened, unreadable

_ROWS_TOGETHER = 1 << 16
_PANIC = "PanicException"
_MIDNIGHT = " 00:00:00"
_TOO_LARGE = "E+"
"""Part of the spelling of a number with more digits than Excel stores."""


class HiddenSheetError(InputError):
    """A hidden sheet: it is deliberately not read, which is not a failure."""


@dataclass
class Sheet(TextSource):
    """One sheet: its header, the cells of the columns with a known header, and their rows.

    ``unread`` are the numbers of rows that cannot be read at all, ``above`` the rows above its
    header.
    """

    label: str
    headers: tuple[str, ...]
    columns: dict[int, Cells]
    numbers: Cells
    first_row: int
    looked: Looked = field(default_factory=Looked)
    unread: tuple[int, ...] = ()
    above: tuple[BadRow, ...] = ()
    zeroed: frozenset[int] = frozenset()
    styles: Styles = UNDECIDED
    profile: Profile | None = None
    bad_rows: list[BadRow] = field(default_factory=list)
    encoding: str | None = None
    encoding_from: str | None = None

    def read_into(self, wanted: Wanted, load: Callable[[Iterator[Batch]], None]) -> None:
        """Pass the batches of the wanted columns to ``load``."""
        self._set_aside(wanted)
        ids = CutIds(index for index, column in wanted.columns.items() if column.is_id)
        # A separate pass: whether ids are cut is decided by all rows, before any is judged.
        for columns, _ in self._columns(wanted):
            ids.look(texts_of(columns, wanted))
        self.zeroed = ids.columns
        load(self._batches(wanted))

    def _set_aside(self, wanted: Wanted) -> None:
        """Set rows aside in which a cell to read holds an error, or a formula without its value."""
        found = [(row, column, "DQ401") for row, column in self.looked.unvalued]
        found += [(row, column, "DQ402") for row, column in self.looked.failed]
        read = (cell for cell in found if cell[0] >= self.first_row and cell[1] in wanted.columns)
        unread = [
            BadRow(row, code, f"{self.headers[column]} ({letters(column)}{row})")
            for row, column, code in _one_a_row(read)
        ] + [BadRow(row, "DQ403") for row in self.unread if row >= self.first_row]
        self.bad_rows = [*self.above, *unread]

    def _batches(self, wanted: Wanted) -> Iterator[Batch]:
        if wanted.profile:
            wanted.profile.begin()
        for columns, numbers in self._columns(wanted):
            rows = {**wanted.hashes(columns), "source_row": numbers}
            for batch in split_plain(texts_of(columns, wanted), rows, wanted):
                ready = without_blank_lines(batch, len(wanted.columns))
                if len(ready):
                    yield ready

    def _columns(self, wanted: Wanted) -> Iterator[tuple[dict[int, Cells], Cells]]:
        """Yield the columns to read, and the numbers of their rows, in batches."""
        for first in range(0, len(self.numbers), _ROWS_TOGETHER):
            columns = {
                index: without_nothing(
                    self.columns[index].slice(first, _ROWS_TOGETHER), wanted.empty
                )
                for index in wanted.read
            }
            yield self._sound(columns, self.numbers.slice(first, _ROWS_TOGETHER))

    def _sound(self, columns: dict[int, Cells], numbers: Cells) -> tuple[dict[int, Cells], Cells]:
        """Return columns without the rows that were set aside."""
        if len(self.bad_rows) == len(self.above):
            return columns, numbers
        import pyarrow as pa
        from pyarrow import compute

        bad = pa.array([row.row for row in self.bad_rows], pa.int64())
        sound = compute.invert(compute.is_in(numbers, value_set=bad))
        return {i: cells.filter(sound) for i, cells in columns.items()}, numbers.filter(sound)


class Grid(NamedTuple):
    """The rows of a table from its first on, and its merged cells."""

    rows: Iterator[list[Any]]
    merged: Iterable[Range]


def _one_a_row(cells: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield the leftmost cell of each row."""
    for _, group in itertools.groupby(sorted(cells), key=lambda cell: cell[0]):
        yield next(group)


def sheets(content: Content, words: Words) -> Iterator[Sheet | InputError]:
    """Yield the sheets of a workbook that hold anything; a hidden one as an error that says so.

    ``words`` are the headers that are known. Raises InputError when the workbook cannot be read.
    """
    import python_calamine

    with opened(content) as (workbook, parts):
        for place, meta in enumerate(workbook.sheets_metadata):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            label = f"{content.label}[{meta.name}]"
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                yield _hidden(label)
            # Before calamine lays the sheet out: that would take all memory.
            elif far := parts.looked(place).far:
                yield _too_wide(label, far)
            else:
                try:
                    cells = workbook.get_sheet_by_name(meta.name)
                except python_calamine.CalamineError as error:
                    yield unreadable(label, error)
                    continue
                digits = Digits(partial(parts.open, place))
                grid = Grid(cells.iter_rows(), cells.merged_cell_ranges or ())
                sheet = _sheet(label, grid, words, digits, parts.looked(place))
                if sheet is not None:
                    yield sheet


def tables_of(content: Content, words: Words) -> Iterator[Sheet]:
    """Yield the tables of a web page that goes by the name of a workbook, each as a sheet."""
    for number, table in enumerate(tables(content), start=1):
        label = content.label if number == 1 else f"{content.label}[{number}]"
        grid = Grid(iter(table.rows), table.merged)
        sheet = _sheet(label, grid, words, Digits(lambda: None), Looked())
        if sheet is not None:
            yield sheet


def _sheet(label: str, grid: Grid, words: Words, digits: Digits, looked: Looked) -> Sheet | None:
    """Return a sheet with its header found; None where the sheet is empty."""
    unread: list[int] = []
    # One iterator for top and rest: calamine yields each row once.
    numbered = _numbered(grid.rows, unread)
    top = list(itertools.islice(numbered, HEADER_WITHIN))
    texts = [[spelled(cell) for cell in row] for _, row in top]
    found = header_among(texts, words.known)
    if found is None:
        return None
    number, headers = top[found][0], tuple(texts[found])
    above = no_records.above(
        (row, cells) for (row, _), cells in zip(top[:found], texts, strict=False)
    )
    wanted_columns = [index for index, name in enumerate(headers) if words.wants(name)]
    below = itertools.chain((row for row in top if row[0] > number), numbered)
    spread = spreads(
        grid.merged, number, wanted_columns, lambda index: words.adds_up(headers[index])
    )
    columns, numbers = _columns(filled_down(below, spread), wanted_columns, digits)
    return Sheet(label, headers, columns, numbers, number + 1, looked, (*unread,), (*above,))


def _numbered(rows: Iterator[list[Any]], unread: list[int]) -> Rows:
    """Yield rows with their numbers, but for those ``unread`` with a number beyond all dates.

    python-calamine fails on such a number, by an OverflowError or by a panic of its Rust code.
    """
    for number in itertools.count(1):
        try:
            row = next(rows)
        except StopIteration:
            return
        # PyO3's PanicException is a BaseException, so that it is not caught by chance.
        except BaseException as error:
            if not isinstance(error, OverflowError) and type(error).__name__ != _PANIC:
                raise
            unread.append(number)
            continue
        yield number, row


def _columns(
    rows: Iterator[tuple[int, list[Any]]], wanted_columns: Sequence[int], digits: Digits
) -> tuple[dict[int, Cells], Cells]:
    """Return the cells of these columns as Arrow arrays of text, and the rows' numbers."""
    import pyarrow as pa

    parts: dict[int, list[Any]] = {index: [] for index in wanted_columns}
    numbers: list[Any] = []
    while chunk := list(itertools.islice(rows, _ROWS_TOGETHER)):
        for index in wanted_columns:
            given = [row[index] for _, row in chunk]
            # Columns of text, as ids are, need not be spelled out cell by cell.
            if all(type(cell) is str for cell in given):
                parts[index].append(pa.array([cell or None for cell in given], pa.string()))
                continue
            cells = [spelled(cell) or None for cell in given]
            if any(cell and _TOO_LARGE in cell for cell in cells):
                cells = [
                    _whole(row[index], number, index, digits) or cell
                    for cell, (number, row) in zip(cells, chunk, strict=True)
                ]
            parts[index].append(pa.array(cells, pa.string()))
        numbers.append(pa.array([number for number, _ in chunk], pa.int64()))
    columns = {
        index: _days_alone(pa.concat_arrays(arrays)) if arrays else pa.array([], pa.string())
        for index, arrays in parts.items()
    }
    return columns, pa.concat_arrays(numbers) if numbers else pa.array([], pa.int64())


def _days_alone(cells: Cells) -> Cells:
    """Return a column as days without a time if each of its cells is a midnight.

    Excel does not distinguish a day from its midnight; a deadline of a day lasts until its end.
    """
    from pyarrow import compute

    at_midnight = compute.ends_with(cells, _MIDNIGHT)
    if not at_midnight.true_count or compute.any(compute.invert(at_midnight)).as_py():
        return cells
    return compute.replace_substring(cells, _MIDNIGHT, "")


def _whole(cell: Any, row: int, column: int, digits: Digits) -> str | None:
    """Return all digits of a number that is too large for Excel, if the file has them."""
    large = isinstance(cell, float) and cell >= EXACT
    return digits.of(cell, row, column) if large else None


def _too_wide(label: str, far: str) -> InputError:
    return InputError(
        f"{label}: the cell {far} stands too far from the table; delete it, save and scan again",
        f"{label}：单元格 {far} 离表格太远；请删除它，保存后重新扫描",
    )


def _hidden(label: str) -> HiddenSheetError:
    return HiddenSheetError(
        f"{label}: the sheet is hidden and was not read; show it if it is meant",
        f"{label}：该工作表已隐藏，未读取；如需读取请先取消隐藏",
    )
