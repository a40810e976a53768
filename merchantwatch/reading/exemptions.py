"""A file of exemptions → its rows, each checked; an error names the row and the column."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from merchantwatch.errors import InputError, UsageError
from merchantwatch.formats import fold
from merchantwatch.language.suggestions import meant
from merchantwatch.language.text import Text
from merchantwatch.reading.arrow import Batch
from merchantwatch.reading.cells import Column, Wanted
from merchantwatch.reading.csv import CsvFile
from merchantwatch.reading.excel import Sheet
from merchantwatch.reading.exemption_rows import AROUND, HEADERS, ExemptionRow, NamedCells
from merchantwatch.reading.headers import Words, no_unknown_column
from merchantwatch.reading.inputs import FoundFile
from merchantwatch.reading.opening import opened
from merchantwatch.rules.exemption import Exemption

MOST_TARGETS = 20_000
"""The most orders, products, regions and shops that a file may name in all."""

_WORDS = Words(
    frozenset(
        spelled
        for names in HEADERS.values()
        for name in names
        # Headers are compared folded, but as they may be written: order and Order.
        for spelled in (name, name.capitalize())
    ),
    personal=frozenset(),
    others=no_unknown_column,
    counted=frozenset(),
)
_FIELDS = {name.lower(): field for field, names in HEADERS.items() for name in names}


def read_exemptions(path: Path) -> tuple[Exemption, ...]:
    """Return the exemptions of a CSV or Excel file.

    Raises UsageError that names the file, the row and the column of whatever is wrong.
    """
    source = _opened(path)
    headers = _headers(source)
    rows = [
        ExemptionRow(str(path), number, cells).exemption()
        for number, cells in _rows(source, headers)
    ]
    named = sum(1 for row in rows for _ in row.targets)
    if named > MOST_TARGETS:
        raise UsageError(
            f"{path}: {named:,} orders, products, regions and shops are named, at most "
            f"{MOST_TARGETS:,} may be; name a product, a region or a shop instead of its orders",
            f"{path}：共写了 {named:,} 个订单、商品、地区或店铺，最多 {MOST_TARGETS:,} 个；"
            "请改按商品、地区或店铺填写",
        )
    return tuple(rows)


def _opened(path: Path) -> CsvFile | Sheet:
    if not _is_there(path):
        raise UsageError(
            f"{path}: there is no such file of exemptions; check --exemptions, or exemptions in "
            "merchantwatch.toml",
            f"{path}：没有这个豁免文件；请检查 --exemptions 或 merchantwatch.toml 的 exemptions",
        )
    found: CsvFile | Sheet | None = None
    for part in opened(FoundFile(path, str(path), named=True), _WORDS):
        if isinstance(part.source, CsvFile | Sheet):
            found = found or part.source
        elif isinstance(part.source, InputError):
            raise UsageError(part.source.en, part.source.zh)
    if found is None:
        raise UsageError(
            f"{path}: a file of exemptions is CSV or Excel; save it as one",
            f"{path}：豁免文件应为 CSV 或 Excel，请另存",
        )
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # its name may be too long for any file
        return False


def _headers(source: CsvFile | Sheet) -> dict[int, str]:
    """Return the field of each column by its position. A column that is not known is refused."""
    found: dict[int, str] = {}
    for index, header in enumerate(source.headers):
        name = fold(header)
        if not name:
            continue
        field = _FIELDS.get(name.lower())
        if field is None or field in found.values():
            columns = ", ".join(f"{names[0]}/{_english(names)}" for names in HEADERS.values())
            known = Text(zh=f"可用的列：{columns}", en=f"the columns are {columns}")
            hint = meant(name, () if field else _FIELDS, known, quoted=True)
            raise UsageError(
                f"{source.label}: the column {name!r} "
                + ("stands there twice" if field else "is not known")
                + hint.en,
                f"{source.label}：{'重复的' if field else '不认识的'}列 {name!r}{hint.zh}",
            )
        found[index] = field
    return found


def _english(names: Sequence[str]) -> str:
    return next(name for name in names if name.isascii())


def _rows(source: CsvFile | Sheet, headers: Mapping[int, str]) -> Iterator[tuple[int, NamedCells]]:
    """Yield the rows with their numbers, in their order."""
    wanted = Wanted(
        {index: Column(AROUND, is_time=False, is_id=False) for index in headers}, ("", "-")
    )
    read: dict[int, NamedCells] = {}

    def load(batches: Iterator[Batch]) -> None:
        # A failed attempt at reading leaves rows behind; the next one starts again.
        read.clear()
        for batch in batches:
            for row in batch.to_pylist():
                cells = {field: row[f"c{index}"] or "" for index, field in headers.items()}
                named = {field: source.headers[index] for index, field in headers.items()}
                read[row["source_row"]] = NamedCells(cells, named, isinstance(source, Sheet))

    try:
        source.read_into(wanted, load)
    except InputError as error:
        raise UsageError(error.en, error.zh) from None
    # An exemption that is left out in silence would cost money: one bad row refuses the file.
    for bad in source.bad_rows:
        raise UsageError(
            f"{source.label} row {bad.row}: it has more or fewer cells than the header; quote "
            "cells that hold a comma",
            f"{source.label} 第 {bad.row} 行：单元格数与表头不符；含逗号的单元格请加引号",
        )
    yield from sorted(read.items())
