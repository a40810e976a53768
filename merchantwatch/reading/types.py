"""Arrow's types: those that are read as they are, and the types that others are converted to.

Text is text however it is stored. A day beyond all calendars becomes one that no format can read,
rather than an error of the database that cannot hold it.
"""

from collections.abc import Collection
from typing import Any

from merchantwatch.errors import InputError
from merchantwatch.reading.arrow import Kind, number

_DAYS_MOST = 10**8
"""Days from 1970 up to which times stay as they are: every database can hold them."""

_A_DAY = {"s": 86_400, "ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}


def plain_type(kind: Any) -> Any:
    """Return the Arrow type that a column of this type is read as.

    Half floats stay, so that later steps can recognise them, and are widened by ``plain``.
    """
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, plain_type(kind.value_type))
    if types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    text = types.is_string_view(kind) or types.is_decimal256(kind) or _is_binary(kind)
    return pa.string() if text or types.is_duration(kind) or types.is_time(kind) else kind


def held_type(kind: Kind) -> Kind:
    """Return the type in which an engine holds a column of a plain type: half floats widened."""
    import pyarrow as pa
    from pyarrow import types

    return pa.float32() if types.is_float16(kind) else kind


def plain(column: Any) -> Any:
    """Return a column of its plain type.

    Days and moments beyond ``_DAYS_MOST`` become the last within. Raises ArrowInvalid where bytes
    are no text.
    """
    import pyarrow as pa
    from pyarrow import compute, types

    kind = column.type
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array(
            [plain(chunk) for chunk in column.chunks] or [plain(pa.nulls(0, kind))]
        )
    if types.is_date(kind) or types.is_timestamp(kind) or types.is_time(kind):
        return _time_of_day(column) if types.is_time(kind) else _within(column)
    wanted = held_type(plain_type(kind))
    if wanted == kind:
        return column
    if isinstance(column, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(column.indices, plain(column.dictionary))
    if types.is_run_end_encoded(kind):
        return plain(compute.run_end_decode(column))  # type: ignore[attr-defined]
    # A duration is neither a moment nor a number: as text it is quarantined where one is expected.
    return (column.cast(pa.int64()) if types.is_duration(kind) else column).cast(wanted)


def _time_of_day(column: Any) -> Any:
    """Return times of day as text; longer durations as a count with the unit."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind = column.type
    counts = column.view(pa.int32() if types.is_time32(kind) else pa.int64())
    beyond = compute.or_(
        compute.less(counts, number(0)), compute.greater_equal(counts, number(_A_DAY[kind.unit]))
    )
    within = compute.if_else(beyond, pa.scalar(0, counts.type), counts).view(kind)
    shown = compute.replace_substring_regex(
        within.cast(pa.string()), pattern=r"\.0+$", replacement=""
    )
    counted = compute.binary_join_element_wise(counts.cast(pa.string()), kind.unit, " ")
    return compute.if_else(beyond, counted, shown)


def refuse_no_ids(
    headers: Collection[str], types_: Collection[Kind], ids: Collection[int], label: str
) -> None:
    """Raise InputError where a column of ids, by its position, is of a type that no id can have."""
    for index, (header, kind) in enumerate(zip(headers, types_, strict=True)):
        if index in ids and not _holds_ids(kind):
            raise InputError(
                f"{label}: {header} is of the type {kind}; ids are text or whole numbers: "
                "write the column as text",
                f"{label}：{header} 的类型是 {kind}；编号应为文本或整数，请将该列存为文本",
            )


def _is_binary(kind: Kind) -> bool:
    from pyarrow import types

    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
        or types.is_fixed_size_binary(kind)
    )


def _holds_ids(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return _holds_ids(kind.value_type)
    is_other = (
        types.is_nested(kind)
        or types.is_temporal(kind)
        or types.is_boolean(kind)
        or types.is_float16(kind)
        or types.is_float32(kind)
    )
    return not is_other


def _within(column: Any) -> Any:
    """Return days or moments, bounded to the range that databases can hold."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind = column.type
    width = pa.int32() if types.is_date32(kind) else pa.int64()
    unit = 1 if types.is_date32(kind) else _A_DAY["ms" if types.is_date64(kind) else kind.unit]
    most = _DAYS_MOST * unit
    if most >= 2**63:
        return column
    counted = column.view(width)
    ends = compute.min_max(counted)
    if ends["min"].as_py() is None or -most <= ends["min"].as_py() <= ends["max"].as_py() <= most:
        return column
    low, high = pa.scalar(-most, width), pa.scalar(most, width)
    bounded = compute.min_element_wise(
        compute.max_element_wise(counted, low, skip_nulls=False), high, skip_nulls=False
    )
    return bounded.view(kind)
