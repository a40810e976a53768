"""Tables in memory, and the reading of columns that already have types."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from msgspec import Struct

from merchantwatch.errors import InputError, UsageError
from merchantwatch.reading.arrow import Batch, Kind, Table, counting
from merchantwatch.reading.cells import Column, Wanted, cleaned, is_text
from merchantwatch.reading.cut_ids import CutIds
from merchantwatch.reading.plain import split_odd_ids
from merchantwatch.reading.profile import UNDECIDED, Profile, Styles
from merchantwatch.reading.types import plain, plain_type

BATCH_ROWS = 1 << 16
"""How many rows are read at a time."""

_AROUND = " \t\r\n\u00a0=\"'"
"""What may stand around an id."""


class MemoryTable(Struct):
    """A table that a Python user handed over: a pandas DataFrame or a pyarrow Table."""

    table: Table
    label: str
    headers: tuple[str, ...]
    types: tuple[Kind, ...]
    rows: int
    zeroed: frozenset[int] = frozenset()
    first_row: int = 2
    styles: Styles = UNDECIDED
    profile: Profile | None = None

    def batches(self, wanted: Wanted) -> Iterator[Batch]:
        """Yield the wanted columns, text trimmed, with the number that each row has in Excel.

        Raises InputError where the bytes of a text are none.
        """
        import pyarrow as pa

        names = {index: self.headers[index] for index in wanted.read}
        columns = self.table.select(list(wanted.read))
        try:
            yield from numbered(columns.to_batches(max_chunksize=BATCH_ROWS), names, wanted)
        except pa.ArrowException as error:
            why = " ".join(str(error).split())
            raise InputError(
                f"{self.label}: it cannot be read as a table ({why}); make it again",
                f"{self.label}：无法按表格读取（{why}）；请重新生成",
            ) from None


def numbered(batches: Iterable[Batch], names: Mapping[int, str], wanted: Wanted) -> Iterator[Batch]:
    """Yield the wanted columns of batches with row numbers; ``names`` are those of all read."""
    import pyarrow as pa

    first = 2
    if wanted.profile:
        wanted.profile.begin()
    for batch in batches:
        columns = {index: plain(_first(batch, name)) for index, name in names.items()}
        cells = {
            f"c{index}": cleaned(columns[index], column.around, wanted.empty)
            for index, column in wanted.columns.items()
        }
        numbers = counting(first, first + batch.num_rows)
        first += batch.num_rows
        ready = {**cells, **wanted.hashes(columns), "source_row": numbers}
        yield from split_odd_ids(pa.record_batch(ready), wanted)


def _first(batch: Batch, name: str) -> Any:
    """Return the first column with a name, which several columns may share."""
    return batch.column(batch.schema.get_all_field_indices(name)[0])


class Typed(Protocol):
    """A source whose columns have types, by position."""

    types: tuple[Kind, ...]

    def batches(self, wanted: Wanted) -> Iterator[Batch]:
        """Yield the wanted columns."""


def cut_columns(source: Typed, ids: Collection[int]) -> frozenset[int]:
    """Return the columns of ids in which Excel had cut all long ones."""
    import pyarrow as pa
    from pyarrow import types

    looked = {
        index: Column(_AROUND, is_time=False, is_id=True)
        for index in sorted(ids)
        if is_text(source.types[index]) or types.is_integer(source.types[index])
    }
    look = CutIds(looked)
    for batch in source.batches(Wanted(looked, ("",))) if looked else ():
        look.look({index: batch[f"c{index}"].cast(pa.string()) for index in looked})
        # One whole id in each column settles it, mostly in the first batch.
        if not look.undecided:
            break
    return look.columns


class DistributedTable(Struct):
    """A table that only Spark can read: ``frame`` is its DataFrame. Its rows have no numbers."""

    frame: Any
    label: str
    headers: tuple[str, ...]
    types: tuple[Kind, ...]
    zeroed: frozenset[int] = frozenset()
    first_row: int = 2
    styles: Styles = UNDECIDED
    profile: Profile | None = None

    def batches(self, _wanted: Wanted) -> Iterator[Batch]:
        """Raise UsageError: what is read here comes into one process."""
        raise UsageError(
            f"{self.label}: a Spark table is judged by Spark; use --engine spark",
            f"{self.label}：Spark 表需由 Spark 判定，请使用 --engine spark",
        )


def is_distributed(data: object) -> bool:
    """Say whether this is a Spark DataFrame."""
    # By name: importing PySpark to ask takes longer than many scans.
    return type(data).__module__.startswith("pyspark.") and hasattr(data, "schema")


def distributed(frame: Any, label: str) -> DistributedTable:
    """Take a Spark DataFrame."""
    from pyspark.sql.pandas.types import to_arrow_schema

    schema = to_arrow_schema(frame.schema)
    return DistributedTable(frame, label, tuple(schema.names), tuple(schema.types))


def from_memory(data: object, label: str) -> MemoryTable | DistributedTable:
    """Take a pandas DataFrame, a pyarrow Table or a Spark DataFrame.

    Raises InputError for anything else.
    """
    import pyarrow as pa

    if is_distributed(data):
        return distributed(data, label)
    if isinstance(data, pa.Table):
        return table_of(data, label)
    if type(data).__module__.startswith("pandas") and hasattr(data, "columns"):
        return table_of(_of_frame(_with_index(data), label), label)
    raise InputError(
        f"{label}: {type(data).__name__} is no input; give a path, a pandas DataFrame or a "
        "pyarrow Table",
        f"{label}：不支持 {type(data).__name__}；请给出路径、pandas DataFrame 或 pyarrow Table",
    )


def _with_index(frame: Any) -> Any:
    """Return a DataFrame with what its index is called as columns, which an index hides."""
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    return frame.reset_index(level=named) if named else frame


def _of_frame(frame: Any, label: str) -> Table:
    import pyarrow as pa

    faults = (pa.ArrowException, TypeError, ValueError, OverflowError)
    with suppress(*faults):
        return pa.Table.from_pandas(frame, preserve_index=False)
    # One by one: names may repeat, and an error names its column.
    columns, names = [], [str(name) for name in frame.columns]
    for position, name in enumerate(names):
        try:
            columns.append(pa.Array.from_pandas(frame.iloc[:, position]))
        except faults as error:
            raise InputError(
                f"{label}: column {name!r} holds values of several types ({error}); make it one "
                "type, such as text: df[column].astype('string'), or drop it",
                f"{label}：列 {name!r} 混有多种类型的值（{error}）；请统一类型，"
                "如 df[column].astype('string')，或删去该列",
            ) from None
    return pa.Table.from_arrays(columns, names)


def table_of(table: Table, label: str) -> MemoryTable:
    """Take a pyarrow Table, with dictionaries written out and its columns' names as text."""
    import pyarrow as pa

    types = [plain_type(_values(kind)) for kind in table.schema.types]
    plains = [plain(column) for column in table.columns]
    columns = [column.cast(_values(column.type)) for column in plains]
    headers = tuple(str(name) for name in table.schema.names)
    return MemoryTable(
        pa.table(columns, list(headers)), label, headers, tuple(types), table.num_rows
    )


def _values(kind: Kind) -> Any:
    """Return the type of a column's values once no dictionary holds them."""
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind
