"""Arrow arrays built from buffers: converting a Python value, pyarrow would import pandas."""

import itertools
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

    Cells: TypeAlias = pa.Array[Any]
    Texts: TypeAlias = pa.StringArray
    Flags: TypeAlias = pa.BooleanArray
    Batch: TypeAlias = pa.RecordBatch
    Table: TypeAlias = pa.Table
    Column: TypeAlias = pa.ChunkedArray[Any]
    Batches: TypeAlias = pa.RecordBatchReader
    Schema: TypeAlias = pa.Schema
    Kind: TypeAlias = pa.DataType
    Encoded: TypeAlias = pa.DictionaryArray[Any, Any]
    Number: TypeAlias = pa.Scalar[Any]
else:  # pyarrow is loaded where it is used
    Cells = Texts = Flags = Batch = Table = Column = Batches = Schema = Kind = Encoded = Number = (
        Any
    )
Rows: TypeAlias = Batch | Table
Row: TypeAlias = Mapping[str, Any]
"""A row of a query's answer: its columns by their names, each of the type that the SQL gives."""


def texts(given: Sequence[str]) -> Cells:
    """Return texts as an Arrow array."""
    import pyarrow as pa

    encoded = [word.encode() for word in given]
    ends = itertools.accumulate((len(word) for word in encoded), initial=0)
    offsets = pa.py_buffer(array("i", ends).tobytes())
    return pa.StringArray.from_buffers(len(given), offsets, pa.py_buffer(b"".join(encoded)))


def numbers(given: int, length: int) -> Cells:
    """Return an Arrow array that repeats a small number."""
    import pyarrow as pa

    repeated = pa.py_buffer(array("i", [given]) * length)
    return pa.Array.from_buffers(pa.int32(), length, [None, repeated])


def counting(first: int, end: int) -> Cells:
    """Return the whole numbers from the first up to, but not with, the end as an Arrow array."""
    import pyarrow as pa

    counted: Cells = pa.arange(first, end)  # type: ignore[attr-defined]
    return counted


def number(given: int) -> Number:
    """Return a number as an Arrow scalar."""
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), 1, [None, pa.py_buffer(array("q", [given]))])[0]


def flags(given: Sequence[bool]) -> Any:
    """Return truth values as an Arrow array."""
    import pyarrow as pa

    # Arrow stores truth values as bits, the lowest first.
    bits = sum(1 << place for place, is_so in enumerate(given) if is_so)
    packed = pa.py_buffer(bits.to_bytes(len(given) // 8 + 1, "little"))
    return pa.Array.from_buffers(pa.bool_(), len(given), [None, packed])


def words(word: str | None, length: int) -> Cells:
    """Return an Arrow array that repeats a word, or null."""
    import pyarrow as pa

    return pa.nulls(length, pa.string()) if word is None else texts([word]).take(numbers(0, length))


def lengths(text: Any) -> Cells:
    """Return how many bytes each cell of a text column takes, null where there is none."""
    from pyarrow import compute

    found: Cells = compute.binary_length(text)
    return found


def without_nothing(text: Cells, empty: tuple[str, ...]) -> Cells:
    """Return a text column in which the words that mean nothing are null."""
    import pyarrow as pa
    from pyarrow import compute

    # Ids and times are longer than any word for nothing: they need no comparison with the words.
    least: Any = compute.min(lengths(text)).as_py()
    if least is None or least > max((len(word.encode()) for word in empty), default=-1):
        return text
    nothing = compute.is_in(text, value_set=texts(empty).cast(text.type))
    if not compute.any(nothing).as_py():
        return text
    left: Cells = compute.if_else(nothing, pa.nulls(len(text), text.type), text)
    return left
