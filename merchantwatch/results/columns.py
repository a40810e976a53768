"""Columns of the engine's tables → Python values."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from merchantwatch.reading.arrow import Column, Table

# Timestamps are wall-clock times: no zone must be added on the way.
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  wall-clock time


def rows(table: Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a pyarrow Table; for many rows, converting columns is faster than rows."""
    return zip(*(values(table.column(name)) for name in names), strict=True)


def values(column: Column) -> list[Any]:
    """Return the values of a column as Python objects."""
    # Adding to the epoch is many times faster than Arrow's own conversion of timestamps.
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type):
        return cast("list[Any]", column.to_pylist())
    counts = column.cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    return [None if n is None else _EPOCH + timedelta(microseconds=n) for n in counts]
