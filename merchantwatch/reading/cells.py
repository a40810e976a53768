"""Columns of cells as a source yields them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from merchantwatch.reading.arrow import without_nothing
from merchantwatch.reading.keys import Keyed, keyed

EXACT_MOMENT = len("2026-11-21 00:00:00")
"""A moment written in full has as many signs; shorter and longer ones are left as text."""

_IN_FULL = r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$"

_FEW = 16
"""Up to so many odd rows in a batch are cut out of it by slicing, which copies nothing."""

THIS_CENTURY = (946_684_800, 4_102_444_800)
"""What an order's time lies within, as seconds since 1970; an earlier or later one is a fault."""


@dataclass(frozen=True)
class Column:
    """A column to read: what is trimmed off around its cells, and what they are."""

    around: str
    is_time: bool
    is_id: bool = False


@dataclass(frozen=True)
class Wanted:
    """What a source is read for: columns by their position, and the cells that mean nothing.

    ``keys`` are columns to make of personal ones, by positions behind all that the source has.
    """

    columns: Mapping[int, Column]
    empty: tuple[str, ...]
    keys: Mapping[int, Keyed] = field(default_factory=dict)

    @property
    def read(self) -> tuple[int, ...]:
        """The positions of the columns to read, those last of which only hashes are kept."""
        personal = (i for key in self.keys.values() for way in key.ways for i in way.columns)
        return tuple(dict.fromkeys([*self.columns, *personal]))

    def made(self, columns: Mapping[int, Any]) -> dict[str, Any]:
        """Return the columns of keyed hashes that are made of personal ones, by their names."""
        return {f"c{i}": keyed(columns, key, self.empty) for i, key in self.keys.items()}


def is_text(kind: Any) -> bool:
    """Say whether an Arrow type is text."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def cleaned(column: Any, around: str, empty: tuple[str, ...]) -> Any:
    """Return a text column without these signs around its cells, empty ones as null.

    Columns of other types are returned as they are.
    """
    from pyarrow import compute

    if not is_text(column.type):
        return column
    return without_nothing(compute.utf8_trim(column, around), empty)


def _cleaned_parsed(column: Any, around: str, empty: tuple[str, ...]) -> Any:
    """Do as ``cleaned`` does, where what means nothing as it stands was parsed as null already."""
    from pyarrow import compute

    text = compute.utf8_trim(column, around)
    return column if text.nbytes == column.nbytes else without_nothing(text, empty)


def parted(columns: Mapping[int, Any], source_row: Any, wanted: Wanted) -> Iterator[Any]:
    """Yield a batch's text columns cleaned: the rows whose moments are plain, and the others.

    Nearly all moments are written in full, and become timestamps at once. A row with any other
    stands in a batch of its own kind, where all cells are text, to be read with care.
    """
    import pyarrow as pa
    from pyarrow import compute

    texts = {
        index: columns[index]
        if column.is_time
        else _cleaned_parsed(columns[index], column.around, wanted.empty)
        for index, column in wanted.columns.items()
    }
    plain, odd = dict(texts), None
    for index in (index for index, column in wanted.columns.items() if column.is_time):
        plain[index], unlike = _moments(texts[index])
        if unlike is not None:
            odd = unlike if odd is None else compute.or_(odd, unlike)
    keys = wanted.made(columns)
    names = [*(f"c{index}" for index in wanted.columns), *keys, "source_row"]
    together = pa.record_batch([*plain.values(), *keys.values(), source_row], names)
    if odd is None:
        yield together
        return
    yield from _apart(together, odd)
    yield pa.record_batch(
        [
            *(
                _cleaned_parsed(text.filter(odd), wanted.columns[index].around, wanted.empty)
                for index, text in texts.items()
            ),
            *(key.filter(odd) for key in keys.values()),
            source_row.filter(odd),
        ],
        names,
    )


def _apart(batch: Any, odd: Any) -> Iterator[Any]:
    """Yield the rows that are not odd: what lies between a few odd ones is not copied."""
    from pyarrow import compute

    rows = compute.indices_nonzero(odd).to_pylist()
    if len(rows) > _FEW:
        yield batch.filter(compute.invert(odd))
        return
    first = 0
    for row in [*rows, len(batch)]:
        if row > first:
            yield batch.slice(first, row - first)
        first = row + 1


def _moments(text: Any) -> tuple[Any, Any]:
    """Return text as timestamps, and which cells are no moment of this century written in full.

    The second is None where there is no such cell.
    """
    import pyarrow as pa
    from pyarrow import compute

    lengths = compute.binary_length(text)
    ends = compute.min_max(lengths).as_py()
    if {ends["min"], ends["max"]} <= {EXACT_MOMENT, None}:
        moments = _cast_in_full(text)
        if moments is not None:
            return moments, None
    for like in _alike(text, lengths):
        moments = _cast_in_full(compute.if_else(like, text, pa.nulls(len(text), text.type)))
        if moments is not None:
            return moments, compute.and_kleene(compute.is_valid(text), compute.invert(like))
    return pa.nulls(len(text), pa.timestamp("s")), compute.is_valid(text)


def _alike(text: Any, lengths: Any) -> Iterator[Any]:
    """Yield which cells look like a moment in full: first by their length, then by each sign."""
    import pyarrow as pa
    from pyarrow import compute

    length = pa.arange(EXACT_MOMENT, EXACT_MOMENT + 1).cast(lengths.type)
    yield compute.is_in(lengths, value_set=length)
    yield compute.match_substring_regex(text, _IN_FULL)


def _cast_in_full(text: Any) -> Any:
    """Return text as timestamps; None unless every cell is a moment of this century."""
    import pyarrow as pa
    from pyarrow import compute

    try:
        moments = text.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    ends = compute.min_max(moments.cast(pa.int64())).as_py()
    if (
        ends["min"] is not None
        and not THIS_CENTURY[0] <= ends["min"] <= ends["max"] < THIS_CENTURY[1]
    ):
        return None
    return moments


def without_blank_lines(batch: Any, cells: int) -> Any:
    """Return a batch without the rows in whose first so many columns nothing stands at all."""
    from pyarrow import compute

    blank = None
    for column in batch.columns[:cells]:
        if column.null_count == 0:
            return batch
        empty = compute.is_null(column)
        blank = empty if blank is None else compute.and_(blank, empty)
    if blank is None or not compute.any(blank).as_py():
        return batch
    return batch.filter(compute.invert(blank))


def release_unused() -> None:
    """Give the memory that reading needed, and holds no columns, back to the system."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
