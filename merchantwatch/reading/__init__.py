"""Reading: inputs → recognised exports, each a source of columns that a format names.

An export knows which of its columns is which field; its cells are still as they stand in the file.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from merchantwatch.errors import InputError, MerchantwatchError, UsageError
from merchantwatch.fields import FIELDS, KEY_FIELDS, Kind, nearest
from merchantwatch.formats import Format, Part, fold, recognise
from merchantwatch.reading.cells import Column, Wanted, cleaned, is_text, release_unused
from merchantwatch.reading.csv import CsvFile, open_csv
from merchantwatch.reading.damage import EXACT_DIGITS
from merchantwatch.reading.excel import HiddenSheetError, Sheet
from merchantwatch.reading.headers import BY_ORDER, Words, header_in, nobody_knows, words_of
from merchantwatch.reading.inputs import EXTENSIONS, FoundFile, find
from merchantwatch.reading.keys import Keyed, Way
from merchantwatch.reading.opening import opened
from merchantwatch.reading.packed import Content
from merchantwatch.reading.shops import shop_of
from merchantwatch.reading.tables import (
    DistributedTable,
    MemoryTable,
    ParquetFile,
    cut_columns,
    distributed,
    from_memory,
    is_distributed,
)
from merchantwatch.reading.text import BadRow, TextSource
from merchantwatch.settings import Settings

__all__ = [
    "BY_ORDER",
    "EXACT_DIGITS",
    "BadRow",
    "Cell",
    "Column",
    "Content",
    "CsvFile",
    "DistributedTable",
    "Elsewhere",
    "Export",
    "FoundFile",
    "Keyed",
    "MemoryTable",
    "ParquetFile",
    "Sheet",
    "Source",
    "Taken",
    "TextSource",
    "Wanted",
    "Way",
    "cleaned",
    "distributed",
    "header_in",
    "is_distributed",
    "is_text",
    "open_csv",
    "release_unused",
    "take",
]

Source = CsvFile | Sheet | ParquetFile | MemoryTable | DistributedTable

Elsewhere = Callable[[str], Iterable[tuple[FoundFile, Source]]]
"""What finds files and tables by an address (``s3a://…``, ``table:NAME``)."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|table:")

_OWN_OUTPUTS = (
    frozenset({"code", "state", "line_id", "source_file", "source_row"}),
    frozenset({"file", "row", "column", "value", "reason", "what_to_do"}),
)
"""The headers by which a folder's earlier reports of ours are passed over."""


@dataclass(frozen=True)
class Cell:
    """Where a field stands in an export: the column's position, and which part of its cell."""

    index: int
    part: Part | None = None


@dataclass
class Export:
    """A recognised input: its source, its format, and the cell of each field it carries.

    ``shop`` is that of its lines that name none, and ``shop_from`` how it is known. ``keys`` are
    the ways by which it could tell buyers and receivers apart: by columns that nobody reads else.
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

    @property
    def label(self) -> str:
        """The name that the user gave or would know it by."""
        return self.source.label

    def key_column(self, name: str) -> int:
        """Return the position of the column of keyed hashes that is made for a field."""
        return len(self.source.headers) + KEY_FIELDS.index(name)

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
    def bad_count(self) -> int:
        """How many rows were set aside while they were read."""
        return len(self.bad_rows) + (
            self.source.unlisted if isinstance(self.source, CsvFile) else 0
        )

    @property
    def bad_rows(self) -> list[BadRow]:
        """The rows that were set aside while they were read."""
        return self.source.bad_rows if isinstance(self.source, TextSource) else []


@dataclass
class Taken:
    """What became of the inputs: exports, oldest first; what was left out; what went wrong."""

    exports: list[Export] = field(default_factory=list)
    skipped: list[MerchantwatchError] = field(default_factory=list)
    failed: list[MerchantwatchError] = field(default_factory=list)
    temporary: list[Path] = field(default_factory=list)


def take(
    inputs: Sequence[object],
    mapping: Format | None,
    settings: Settings,
    elsewhere: Elsewhere | None = None,
    keys: Collection[str] = (),
    others: Callable[[str], bool] = nobody_knows,
) -> Taken:
    """Find, open and recognise every input.

    Paths may be files, folders, globs or ``-``; DataFrames and Tables are taken as they are, and
    addresses are left to ``elsewhere``. ``keys`` are the keyed hashes that may be wanted, and
    ``others`` says whether a column is whose header nobody knows. A file that cannot be read is a
    failure, the others still count; one that no format recognises is a failure where the user named
    it, else it is only listed. Raises UsageError when a mapped column is missing.
    """
    taken, words = Taken(), words_of(mapping, keys, others)
    for position, item in enumerate(inputs, start=1):
        try:
            if isinstance(item, str) and _ADDRESS.match(item):
                for file, source in _found(item, elsewhere):
                    _take_source(taken, source, file, mapping, settings)
            elif isinstance(item, str | Path):
                for file in find(str(item)):
                    if not _is_exemptions(file, settings):
                        _take_file(taken, file, words, mapping, settings)
            else:
                source = from_memory(item, f"<table {position}>")
                taken.exports.append(_recognised(source, None, mapping, settings))
        except InputError as error:
            taken.failed.append(error)
    for export in taken.exports:
        export.keys = {name: ways for name, ways in export.keys.items() if name in keys}
    taken.exports = _by_age(taken.exports)
    return taken


def _is_exemptions(file: FoundFile, settings: Settings) -> bool:
    """Say whether a file is that of the exemptions, which may lie among the exports."""
    return (
        settings.exemptions is not None and file.path.absolute() == settings.exemptions.absolute()
    )


def _take_file(
    taken: Taken, file: FoundFile, words: Words, mapping: Format | None, settings: Settings
) -> None:
    """Take what is in a file: of several sheets or members, those that somebody recognises."""
    if not file.timed:
        taken.temporary.append(file.path)
    found: list[Export] = []
    refused: list[MerchantwatchError] = []
    broken: list[MerchantwatchError] = []
    own = False
    for part in opened(file, words):
        source = part.source
        if isinstance(source, InputError):
            (refused if isinstance(source, HiddenSheetError) else broken).append(source)
        elif not file.named and any(own.issubset(source.headers) for own in _OWN_OUTPUTS):
            own = True
        else:
            try:
                found.append(_recognised(source, part.file, mapping, settings))
            except MerchantwatchError as error:
                refused.append(error)
    if not (found or refused or broken or own):
        refused.append(_nothing_in(file))
    _settle(taken, file, found, refused, broken)


def _found(address: str, elsewhere: Elsewhere | None) -> Iterable[tuple[FoundFile, Source]]:
    if elsewhere is None:
        raise InputError(
            f"{address}: an address is read by Spark; use --engine spark",
            f"{address}：该地址需由 Spark 读取，请使用 --engine spark",
        )
    return elsewhere(address)


def _take_source(
    taken: Taken, source: Source, file: FoundFile, mapping: Format | None, settings: Settings
) -> None:
    if not file.named and any(own.issubset(source.headers) for own in _OWN_OUTPUTS):
        return
    try:
        taken.exports.append(_recognised(source, file, mapping, settings))
    except InputError as error:
        (taken.failed if file.named else taken.skipped).append(error)


def _settle(
    taken: Taken,
    file: FoundFile,
    found: Sequence[Export],
    refused: Sequence[MerchantwatchError],
    broken: Sequence[MerchantwatchError],
) -> None:
    """Add what was found; what nobody recognises is a failure only where a whole file is.

    Raises UsageError when the user's mapping fits no part of the file.
    """
    wrong = next((error for error in refused if isinstance(error, UsageError)), None)
    if wrong and not found:
        raise wrong
    taken.exports += found
    some_text = not file.named and file.path.suffix.lower() == ".txt"
    (taken.skipped if some_text else taken.failed).extend(broken)
    (taken.skipped if found or not file.named else taken.failed).extend(refused)


def _nothing_in(file: FoundFile) -> InputError:
    kinds = ", ".join(EXTENSIONS)
    return InputError(
        f"{file.label}: no table to read in it ({kinds})",
        f"{file.label}：其中没有可读取的表格（{kinds}）",
    )


def _recognised(
    source: Source, file: FoundFile | None, mapping: Format | None, settings: Settings
) -> Export:
    form = _form(source, mapping)
    instant, origin = _exported_at(file, form, settings.zone)
    path = file.path if file and file.timed else None  # standard input has no name of its own
    shop, shop_from = shop_of(path, form, settings)
    positions = _positions(source)
    cells = _cells(positions, form)
    if isinstance(source, ParquetFile | MemoryTable):
        ids = {cell.index for name, cell in cells.items() if FIELDS[name].kind is Kind.ID}
        source.zeroed = cut_columns(source, ids)
    keys = _keys(positions, form)
    return Export(source, form, cells, instant, origin, shop, shop_from, keys=keys)


def _form(source: Source, mapping: Format | None) -> Format:
    try:
        return recognise(source.headers, source.label)
    except InputError:
        if mapping is None:
            raise
    present = {fold(header) for header in source.headers}
    named = [(name, str(specs[0])) for name, specs in mapping.columns.items()]
    for field_name, header in [*named, *((key.field, key.of[0][0]) for key in mapping.keys)]:
        if header not in present:
            near = nearest(str(header), present)
            raise UsageError(
                f"{source.label} has no column {header!r} to map {field_name} to; "
                + (f"did you mean {near!r}? " if near else "")
                + f"its columns: {', '.join(sorted(present))}",
                f"{source.label} 没有名为 {header!r} 的列，无法映射 {field_name}"
                + (f"，是否想写 {near!r}？" if near else "。")
                + f"现有的列：{'、'.join(sorted(present))}",
            )
    return mapping


def _positions(source: Source) -> dict[str, int]:
    """Return where each header stands, folded: of equal ones the first."""
    positions: dict[str, int] = {}
    for index, header in enumerate(source.headers):
        positions.setdefault(fold(header), index)
    return positions


def _keys(positions: Mapping[str, int], form: Format) -> dict[str, tuple[Way, ...]]:
    """Return the ways of each key whose columns are all present."""
    ways: dict[str, tuple[Way, ...]] = {}
    for key in form.keys:
        found = [next((positions[h] for h in names if h in positions), None) for names in key.of]
        columns = tuple(index for index in found if index is not None)
        if len(columns) == len(found):
            ways[key.field] = (*ways.get(key.field, ()), Way(key.by, columns))
    return ways


def _cells(positions: Mapping[str, int], form: Format) -> dict[str, Cell]:
    """Return the cell of each field: of a format's alternatives, the first that is present."""
    cells = {}
    for name, specs in form.columns.items():
        for spec in specs:
            part = spec if isinstance(spec, Part) else None
            header = spec.header if isinstance(spec, Part) else spec
            if header in positions:
                cells[name] = Cell(positions[header], part)
                break
    return cells


def _exported_at(
    file: FoundFile | None, form: Format, tz: tzinfo
) -> tuple[datetime | None, str | None]:
    """Return when an export was made, as wall-clock time, and how that is known."""
    if file is None or not file.timed:
        return None, None
    named = form.file_time.read(file.path.name, tz) if form.file_time else None
    if named is not None:
        return named, "file name"
    if file.made is not None:
        return file.made, "modification time"
    modified = file.modified or int((file.packed or file.path).stat().st_mtime)
    return _wall_clock(modified, tz), "modification time"


def _wall_clock(seconds: int, tz: tzinfo) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone(tz).replace(tzinfo=None)


def _by_age(exports: list[Export]) -> list[Export]:
    """Sort exports from the oldest to the newest and number them so.

    What has no export time (a table, standard input) was made just now: it is the newest.
    """
    for position, export in enumerate(exports):
        export.position = position
    ordered = sorted(exports, key=lambda e: (e.exported_at is None, e.exported_at or datetime.min))  # noqa: DTZ901
    for number, export in enumerate(ordered):
        export.number = number
    return ordered
