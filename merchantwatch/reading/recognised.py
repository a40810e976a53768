"""A source → an export: its format, its fields, its time of export, and its shop."""

from collections.abc import Mapping

from merchantwatch.errors import InputError, UnrecognisedError, UsageError
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import Format, Part, fold, recognise
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.reading.columnar import ParquetFile
from merchantwatch.reading.csv import CsvFile
from merchantwatch.reading.export import Cell, Export, HintCell, Source
from merchantwatch.reading.export_times import exported_at
from merchantwatch.reading.float_ids import refuse_lost_digits
from merchantwatch.reading.inputs import FoundFile
from merchantwatch.reading.keys import Way
from merchantwatch.reading.likeness import looks_like_data
from merchantwatch.reading.shops import shop_of
from merchantwatch.reading.tables import MemoryTable, cut_columns
from merchantwatch.reading.text import TextSource
from merchantwatch.reading.types import refuse_no_ids
from merchantwatch.settings import Settings

_MOST_NAMED = 100
"""How many columns of a file an error lists at most."""

_MOST_SHOWN = 100
"""How many characters are shown of a row that was taken for the header."""


def recognised(
    source: Source, file: FoundFile | None, mapping: Format | None, settings: Settings
) -> Export:
    """Return a source as the export that it is.

    Raises InputError when no format recognises it, and UsageError when a mapped column is missing.
    """
    form = _form(source, mapping)
    instant, origin = exported_at(file, form, settings.zone)
    path = file.path if file and file.timed else None  # standard input has no name
    shop, shop_from = shop_of(path, form, settings)
    positions = positions_of(source)
    cells = cells_of(positions, form)
    if isinstance(source, CsvFile):
        source.home = tuple(form.encodings)
    if isinstance(source, ParquetFile | MemoryTable):
        ids = {cell.index for name, cell in cells.items() if FIELDS[name].kind is Kind.ID}
        refuse_no_ids(source.headers, source.types, ids, source.label)
        # Text files and sheets find it out while they are read; typed columns are read for it.
        source.zeroed = cut_columns(source, ids)
        if isinstance(source, MemoryTable):
            refuse_lost_digits(source, ids)
    keys = _keys(positions, form)
    hints = _hints(positions, form)
    return Export(source, form, cells, instant, origin, shop, shop_from, keys=keys, hints=hints)


def _form(source: Source, mapping: Format | None) -> Format:
    try:
        return recognise(source.headers, source.label)
    except UnrecognisedError as error:
        if mapping is None:
            raise (error.at(*_taken(source)) if isinstance(source, TextSource) else error) from None
    except InputError:
        if mapping is None:
            raise
    # A mapping is for files that no format knows: all its columns must be there.
    present = {fold(header) for header in source.headers}
    named = [(name, str(specs[0])) for name, specs in mapping.columns.items()]
    named += [(hint.field, hint.headers[0]) for hint in mapping.hints]
    for field_name, header in [*named, *((key.field, key.of[0][0]) for key in mapping.keys)]:
        if header not in present:
            known = Text(
                zh=f"现有的列：{'、'.join(sorted(present)[:_MOST_NAMED])}",
                en=f"its columns: {', '.join(sorted(present)[:_MOST_NAMED])}",
            )
            hint = meant(str(header), present, known, quoted=True)
            raise UsageError(
                f"{source.label} has no column {header!r} to map {field_name} to{hint.en}",
                f"{source.label} 没有名为 {header!r} 的列，无法映射 {field_name}{hint.zh}",
            )
    return mapping


def _taken(source: TextSource) -> tuple[str, str]:
    """Return which row was taken for the header; cells of a row of data are not shown."""
    row, cells = source.first_row - 1, [cell.strip() for cell in source.headers if cell.strip()]
    if any(map(looks_like_data, cells)):
        return (
            f"row {row} was taken for the header, but looks like data: is the header missing?",
            f"第 {row} 行被当作表头，但看起来是数据：是否缺少表头？",
        )
    shown = ", ".join(cells)
    shown = shown[:_MOST_SHOWN] + (" …" if len(shown) > _MOST_SHOWN else "")
    return f"row {row} was taken for the header: {shown!r}", f"第 {row} 行被当作表头：{shown!r}"


def positions_of(source: Source) -> dict[str, int]:
    """Return the position of each folded header; of equal ones the first."""
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


def _hints(positions: Mapping[str, int], form: Format) -> tuple[HintCell, ...]:
    """Return the hints whose column is present: of its headers the first."""
    found = ((next((h for h in one.headers if h in positions), None), one) for one in form.hints)
    return tuple(HintCell(positions[name], hint) for name, hint in found if name is not None)


def cells_of(positions: Mapping[str, int], form: Format) -> dict[str, Cell]:
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
