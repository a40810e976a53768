"""Ids in a table in memory that are floats, which cannot hold all digits of long ids."""

from collections.abc import Collection

from merchantwatch.errors import InputError
from merchantwatch.reading.arrow import Cells
from merchantwatch.reading.cells import Column, Wanted
from merchantwatch.reading.tables import MemoryTable

_EXACT_BELOW = 2**53
"""From this number on two ids may be one float."""


def refuse_lost_digits(source: MemoryTable, ids: Collection[int]) -> None:
    """Raise InputError where an id of these columns is a float that may have lost its last digits.

    pandas makes floats of a column of whole numbers as soon as one cell of it is empty.
    """
    from pyarrow import types

    floats = [index for index in sorted(ids) if types.is_floating(source.types[index])]
    looked = {index: Column("", is_time=False) for index in floats}
    for batch in source.batches(Wanted(looked, ())) if looked else ():
        for index in floats:
            if _is_beyond(batch[f"c{index}"]):
                raise _lost(source, index)


def _is_beyond(column: Cells) -> bool:
    """Say whether a float cannot distinguish a number from the next one, or it is no number."""
    from pyarrow import compute

    most = compute.max(compute.abs(column.drop_null())).as_py()
    # Not ``>=``: NaN compares false with everything, and must be refused, too.
    return most is not None and not most < _EXACT_BELOW


def _lost(source: MemoryTable, index: int) -> InputError:
    header, kind = source.headers[index], source.types[index]
    name = "float64" if str(kind) == "double" else str(kind)
    as_text = f'pandas.read_csv(..., dtype={{"{header}": str}})'
    return InputError(
        f"{source.label}: the ids of {header!r} are floats ({name}) and have lost their last "
        f"digits, which cannot be restored; read the column as text, as {as_text} or dtype=str do",
        f"{source.label}：{header!r} 列的编号是浮点数（{name}），末尾几位已经丢失且无法恢复；"
        f"请按文本读取，如 {as_text} 或 dtype=str",
    )
