"""Sheets of workbooks (xlsx, xlsb, xls, ods), each as a source of text cells.

Cells come as Excel holds them: moments and numbers are spelled as exports write them, so that a
sheet and the same rows in a CSV file are read alike. Of a sheet only the columns that somebody
knows are kept, and nothing is written anywhere.
"""

import io
import itertools
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from merchantwatch.errors import InputError
from merchantwatch.reading import no_records
from merchantwatch.reading.arrow import without_nothing
from merchantwatch.reading.cells import Wanted, without_blank_lines
from merchantwatch.reading.damage import CutIds
from merchantwatch.reading.digits import Digits
from merchantwatch.reading.headers import Words
from merchantwatch.reading.heading import HEADER_WITHIN, header_among
from merchantwatch.reading.packed import (
    Content,
    encrypted,
    most_of,
    refusing_broken,
    too_large,
)
from merchantwatch.reading.plain import parted, texts_of
from merchantwatch.reading.text import BadRow, TextSource

MOST_IN_A_WORKBOOK = 2 << 30
"""A workbook that unpacks to more bytes than this is refused: sheets are read into memory."""

_MOST_PACKED = 512 << 20
_OLE, _ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_ROWS_TOGETHER = 1 << 16
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  Excel's days have no zone
_THIS_CENTURY = timedelta(days=36_526)
_EXACT = 2**53
"""Up to here a number that Excel holds is the number that was meant."""

_TOO_LARGE = "E+"
"""What stands in the spelling of a number beyond that."""

_DEFLATED_MOST = 1032
"""Deflate makes at most so many bytes of one."""


class HiddenSheetError(InputError):
    """A sheet that its owner has hidden: it is not read, which is no fault."""


@dataclass
class Sheet(TextSource):
    """One sheet: its header, its cells by column where somebody knows the header, their rows."""

    label: str
    headers: tuple[str, ...]
    columns: dict[int, Any]
    numbers: Any
    first_row: int
    zeroed: frozenset[int] = frozenset()
    bad_rows: list[BadRow] = field(default_factory=list)
    encoding: str | None = None
    encoding_from: str | None = None

    def read_into(self, wanted: Wanted, load: Callable[[Iterator[Any]], None]) -> None:
        """Hand the batches of the wanted columns to ``load``."""
        ids = CutIds(index for index, column in wanted.columns.items() if column.is_id)
        for columns, _ in self._columns(wanted):
            ids.look(texts_of(columns, wanted))
        self.zeroed = ids.columns
        load(self._batches(wanted))

    def _batches(self, wanted: Wanted) -> Iterator[Any]:
        for columns, numbers in self._columns(wanted):
            rows = {**wanted.made(columns), "source_row": numbers}
            for batch in parted(texts_of(columns, wanted), rows, wanted):
                ready = without_blank_lines(batch, len(wanted.columns))
                if len(ready):
                    yield ready

    def _columns(self, wanted: Wanted) -> Iterator[tuple[dict[int, Any], Any]]:
        """Yield the columns to read, and the numbers of their rows, so many rows at a time."""
        for first in range(0, len(self.numbers), _ROWS_TOGETHER):
            columns = {
                index: without_nothing(
                    self.columns[index].slice(first, _ROWS_TOGETHER), wanted.empty
                )
                for index in wanted.read
            }
            yield columns, self.numbers.slice(first, _ROWS_TOGETHER)


def sheets(content: Content, words: Words) -> Iterator[Sheet | InputError]:
    """Yield the sheets of a workbook that hold anything; a hidden one as an error that says so.

    ``words`` are the headers that are known. Raises InputError when the workbook cannot be read.
    """
    import python_calamine

    with _opened(content) as workbook:
        for place, meta in enumerate(workbook.sheets_metadata):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            label = f"{content.label}[{meta.name}]"
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                yield _hidden(label)
                continue
            try:
                rows = workbook.get_sheet_by_name(meta.name).iter_rows()
            except python_calamine.CalamineError as error:
                yield _unreadable(label, error)
                continue
            digits = Digits(lambda: io.BytesIO(content.whole(_MOST_PACKED)), place)
            sheet = _sheet(label, rows, words, digits)
            if sheet is not None:
                yield sheet


def _opened(content: Content) -> Any:
    import python_calamine

    data = content.whole(_MOST_PACKED)
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise encrypted(content.label)
    with io.BytesIO(data) as stream:
        _refuse_a_bomb(content.label, stream)
        try:
            return python_calamine.CalamineWorkbook.from_filelike(stream)
        except python_calamine.PasswordError:
            raise encrypted(content.label) from None
        except (python_calamine.CalamineError, OSError) as error:
            raise _unreadable(content.label, error) from None


def _refuse_a_bomb(label: str, stream: Any) -> None:
    """Raise InputError when what is packed in a workbook would not fit.

    What a zip says of its sizes may be a lie; where one could matter, all is unpacked to see.
    """
    if not zipfile.is_zipfile(stream):
        stream.seek(0)
        return
    stream.seek(0)
    with refusing_broken(label), zipfile.ZipFile(stream) as book:
        entries = book.infolist()
        packed = sum(entry.compress_size for entry in entries)
        most = min(MOST_IN_A_WORKBOOK, most_of(packed))
        if sum(entry.file_size for entry in entries) > most:
            raise too_large(label, most)
        if packed * _DEFLATED_MOST > most:
            for entry in entries:
                with book.open(entry) as unpacked:
                    while unpacked.read(1 << 20):
                        pass
    stream.seek(0)


def _sheet(label: str, rows: Iterator[list[Any]], words: Words, digits: Digits) -> Sheet | None:
    """Return a sheet with its header found; None where nothing stands in it."""
    numbered = enumerate(rows, start=1)
    top = list(itertools.islice(numbered, HEADER_WITHIN))
    texts = [[spelled(cell) for cell in cells] for _, cells in top]
    place = header_among(texts, words.known)
    if place is None:
        return None
    number, headers = top[place][0], tuple(texts[place])
    above = no_records.above(
        (row, cells) for (row, _), cells in zip(top[:place], texts, strict=False)
    )
    kept = [index for index, header in enumerate(headers) if words.wants(header)]
    below = itertools.chain((row for row in top if row[0] > number), numbered)
    columns, numbers = _columns(below, kept, digits)
    return Sheet(label, headers, columns, numbers, number + 1, bad_rows=above)


def _columns(
    rows: Iterator[tuple[int, list[Any]]], kept: Sequence[int], digits: Digits
) -> tuple[dict[int, Any], Any]:
    """Return the cells of these columns as Arrow arrays of text, and the rows' numbers."""
    import pyarrow as pa

    parts: dict[int, list[Any]] = {index: [] for index in kept}
    numbers: list[Any] = []
    while chunk := list(itertools.islice(rows, _ROWS_TOGETHER)):
        for index in kept:
            cells = [spelled(row[index]) or None for _, row in chunk]
            if any(cell and _TOO_LARGE in cell for cell in cells):
                cells = [
                    _whole(row[index], number, index, digits) or cell
                    for cell, (number, row) in zip(cells, chunk, strict=True)
                ]
            parts[index].append(pa.array(cells, pa.string()))
        numbers.append(pa.array([number for number, _ in chunk], pa.int64()))
    columns = {
        index: pa.concat_arrays(arrays) if arrays else pa.array([], pa.string())
        for index, arrays in parts.items()
    }
    return columns, pa.concat_arrays(numbers) if numbers else pa.array([], pa.int64())


def _whole(cell: Any, row: int, column: int, digits: Digits) -> str | None:
    """Return all digits of a number that is too large for Excel, where they stand in the file."""
    large = isinstance(cell, float) and cell >= _EXACT
    return digits.of(cell, row, column) if large else None


def spelled(cell: Any) -> str:
    """Return a cell as an export would write it.

    A number too large for Excel to hold is spelled as Excel shows it: then it is told from an id.
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, date | time | timedelta):
        return _moment(cell)
    return str(cell)


def _number(cell: float) -> str:
    if cell != int(cell):
        return repr(cell)
    return str(int(cell)) if abs(cell) < _EXACT else f"{cell:.15G}"


def _moment(cell: date | time | timedelta) -> str:
    """Return a moment to the nearest second: Excel's days are fractions.

    A midnight comes as a date, and a moment shown as minutes or hours as the time since 1899.
    """
    if isinstance(cell, timedelta):
        if cell < _THIS_CENTURY:
            return str(cell)
        cell = _EXCEL_EPOCH + cell
    if isinstance(cell, datetime):
        return (cell + timedelta(milliseconds=500)).isoformat(" ", "seconds")
    return cell.isoformat("seconds") if isinstance(cell, time) else f"{cell} 00:00:00"


def _hidden(label: str) -> HiddenSheetError:
    return HiddenSheetError(
        f"{label}: the sheet is hidden and was not read; show it if it is meant",
        f"{label}：该工作表已隐藏，未读取；如需读取请先取消隐藏",
    )


def _unreadable(label: str, error: Exception) -> InputError:
    return InputError(
        f"{label}: it cannot be read as an Excel workbook ({error}); save or export it again",
        f"{label}：无法按 Excel 工作簿读取（{error}）；请重新保存或导出",
    )
