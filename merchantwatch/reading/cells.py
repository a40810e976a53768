"""Columns of cells as a source yields them."""

import itertools
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

EXACT_MOMENT = len("2026-11-21 00:00:00")
"""A moment written in full has as many signs; shorter and longer ones are left as text."""

THIS_CENTURY = (946_684_800, 4_102_444_800)
"""What an order's time lies within, as seconds since 1970; an earlier or later one is a fault."""


@dataclass(frozen=True)
class Column:
    """A column to read: what is trimmed off around its cells, and whether they are moments."""

    around: str
    is_time: bool


@dataclass(frozen=True)
class Wanted:
    """What a source is read for: columns by their position, and the cells that mean nothing."""

    columns: Mapping[int, Column]
    empty: tuple[str, ...]


def is_text(kind: Any) -> bool:
    """Say whether an Arrow type is text."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def cleaned(column: Any, around: str, empty: tuple[str, ...]) -> Any:
    """Return a text column without these signs around its cells, empty ones as null.

    Columns of other types are returned as they are.
    """
    import pyarrow as pa
    from pyarrow import compute

    if not is_text(column.type):
        return column
    text = compute.utf8_trim(column, around)
    nothing = compute.is_in(text, value_set=_texts(empty).cast(text.type))
    if not compute.any(nothing).as_py():
        return text
    return compute.if_else(nothing, pa.nulls(len(text), text.type), text)


@cache
def _texts(words: tuple[str, ...]) -> Any:
    """Return words as an Arrow array, put together by hand: ``pa.array`` would load pandas."""
    import pyarrow as pa

    encoded = [word.encode() for word in words]
    ends = itertools.accumulate((len(word) for word in encoded), initial=0)
    offsets = pa.py_buffer(array("i", ends).tobytes())
    return pa.StringArray.from_buffers(len(words), offsets, pa.py_buffer(b"".join(encoded)))


def parted_schema(wanted: Wanted) -> Any:
    """Return the schema of what ``parted`` makes of a batch."""
    import pyarrow as pa

    fields = []
    for index, column in wanted.columns.items():
        if column.is_time:
            fields.append((f"c{index}", pa.timestamp("s")))
            fields.append((f"c{index}_rest", pa.string()))
        else:
            fields.append((f"c{index}", pa.string()))
    return pa.schema(fields)


def parted(columns: Mapping[int, Any], wanted: Wanted) -> Iterator[Any]:
    """Yield a batch's text columns cleaned, and of moments the value apart from the text.

    Nearly all moments are written in full and become timestamps at once. Where a batch holds
    another, its cells stay text in the ``_rest`` column, for the pipeline to read with care.
    """
    import pyarrow as pa

    for index, column in wanted.columns.items():
        text = columns[index]
        if not column.is_time:
            yield cleaned(text, column.around, wanted.empty)
        elif (moments := _moments(text)) is not None:
            yield moments
            yield pa.nulls(len(text), pa.string())
        else:
            yield pa.nulls(len(text), pa.timestamp("s"))
            yield cleaned(text, column.around, wanted.empty)


def _moments(text: Any) -> Any:
    """Return text as timestamps where every cell is a moment of this century written in full.

    None where some cell is anything else.
    """
    import pyarrow as pa
    from pyarrow import compute

    lengths = compute.min_max(compute.binary_length(text)).as_py()
    if not {lengths["min"], lengths["max"]} <= {EXACT_MOMENT, None}:
        return None
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


def without_blank_lines(batch: Any) -> Any:
    """Return a batch without the rows in whose wanted cells nothing stands at all.

    The last column is the number of the row.
    """
    from pyarrow import compute

    blank = None
    for column in batch.columns[:-1]:
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
