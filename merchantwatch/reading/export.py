"""An export: a recognised input, and which of its columns is which field."""

from datetime import datetime

from msgspec import Struct, field

from merchantwatch.fields import KEY_FIELDS
from merchantwatch.formats import Format, Hint, Part, fold
from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.reading.columnar import ParquetFile
from merchantwatch.reading.csv import CsvFile
from merchantwatch.reading.excel import Sheet
from merchantwatch.reading.keys import Way
from merchantwatch.reading.tables import DistributedTable, MemoryTable
from merchantwatch.reading.text import BadRow, TextSource

Source = CsvFile | Sheet | ParquetFile | MemoryTable | DistributedTable


SEVERAL = "*"
"""In place of a currency: amounts are in several, and must not be added up."""

_SHARED = {"CNY": ("¥", "￥"), "JPY": ("¥", "￥"), "USD": ("$",)}
"""Currency signs shared by several currencies; in an export in its home currency they mean it."""


class Cell(Struct, frozen=True):
    """The place of a field in an export: the column's position, and which part of its cell."""

    index: int
    part: Part | None = None


class HintCell(Struct, frozen=True):
    """A hint in an export: the position of its column, and the meaning of its words."""

    index: int
    hint: Hint


class Export(Struct):
    """A recognised input: its source, its format, and the cell of each field it carries.

    ``shop`` is the shop of lines that name none, and ``shop_from`` how it is known. ``keys`` are
    the ways to identify buyers and receivers, by columns that are read for nothing else.
    """

    source: Source
    form: Format
    cells: dict[str, Cell]
    exported_at: datetime | None
    exported_at_from: str | None
    shop: str | None
    shop_from: str | None
    position: int = 0
    number: int = -1
    keys: dict[str, tuple[Way, ...]] = field(default_factory=dict)
    hints: tuple[HintCell, ...] = ()

    @property
    def label(self) -> str:
        """The name that the user gave or would know it by."""
        return self.source.label

    def key_column(self, name: str) -> int:
        """Return the position of the column of keyed hashes computed for a field."""
        return len(self.source.headers) + KEY_FIELDS.index(name)

    @property
    def currency(self) -> str | None:
        """The currency of the amounts: ``SEVERAL`` where it is mixed, None where it is unknown."""
        usual = self.form.home_currency
        named = self.source.profile.currencies if self.source.profile else {}
        # A sign like ¥ means the home currency of such an export.
        found = {usual if word in ("", *_SHARED.get(usual, ())) else word for word in named} - {""}
        if not found:
            return usual or None
        return found.pop() if len(found) == 1 else SEVERAL

    @property
    def numbered(self) -> bool:
        """Whether it is known which number Excel shows for a row."""
        source = self.source
        return (
            source.numbered
            if isinstance(source, CsvFile)
            else not isinstance(source, DistributedTable)
        )

    @property
    def encoding(self) -> str | None:
        """The encoding of a text file, once it is read."""
        return self.source.encoding if isinstance(self.source, TextSource) else None

    @property
    def encoding_from(self) -> str | None:
        """How that encoding is known."""
        return self.source.encoding_from if isinstance(self.source, TextSource) else None

    @property
    def repeated(self) -> set[str]:
        """The headers of fields that stand over several columns, of which the first is read."""
        folded = [fold(header) for header in self.source.headers]
        read = {folded[cell.index] for cell in self.cells.values()}
        return {header for header in read if folded.count(header) > 1}

    @property
    def letters(self) -> list[int]:
        """The rows in which a quote that is not closed was read as a letter."""
        return self.source.letters if isinstance(self.source, CsvFile) else []

    @property
    def bad_count(self) -> int:
        """How many rows were set aside while they were read, as not understood."""
        return len(self.bad_rows) + (
            self.source.unlisted if isinstance(self.source, CsvFile) else 0
        )

    @property
    def bad_rows(self) -> list[BadRow]:
        """The rows that were set aside while they were read, as not understood."""
        return [bad for bad in self._set_aside if bad.reason not in NO_RECORDS]

    @property
    def no_records(self) -> list[BadRow]:
        """The rows that were set aside while they were read, and are no records."""
        return [bad for bad in self._set_aside if bad.reason in NO_RECORDS]

    @property
    def _set_aside(self) -> list[BadRow]:
        return self.source.bad_rows if isinstance(self.source, TextSource) else []
