"""Parquet files and tables in memory: columns that already have types."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from merchantwatch.errors import InputError, UsageError
from merchantwatch.reading.ahead import ahead
from merchantwatch.reading.cells import Column, Wanted, cleaned, is_text
from merchantwatch.reading.damage import CutIds
from merchantwatch.reading.names import place_of
from merchantwatch.reading.plain import with_odd_apart

_BATCH_ROWS = 1 << 16
"""How many rows of a Parquet file are decoded at a time."""

_AROUND = " \t\r\n\u00a0=\"'"
"""What may stand around an id."""

_FEW_BYTES = 8
"""A column that takes fewer bytes a row than this holds places in a list of its texts."""

_READ_AHEAD = 4
"""How many such batches are decoded before whoever takes them asks."""


@dataclass
class ParquetFile:
    """A Parquet file: ``headers`` and Arrow types by position.

    ``partitions`` are the values of its last columns, which the names of its folders tell. One that
    was packed has its bytes ``unpacked`` beside, which no path leads to. In the columns of
    ``zeroed`` Excel has cut every long id to fifteen digits; in those that are ``repeating`` a text
    stands many times, so that it is worth reading it once.
    """

    path: Path
    label: str
    headers: tuple[str, ...]
    types: tuple[Any, ...]
    rows: int
    partitions: tuple[str, ...] = ()
    unpacked: Any = None
    zeroed: frozenset[int] = frozenset()
    repeating: frozenset[int] = frozenset()
    first_row: int = 2

    def batches(self, wanted: Wanted) -> Iterator[Any]:
        """Yield the wanted columns, text trimmed, with the number that each row has in Excel.

        Only these columns are read, and a few batches are in memory at a time. Raises InputError
        when the file turns out broken.
        """
        import pyarrow as pa

        try:
            yield from ahead(self._numbered(wanted), _READ_AHEAD)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise _unreadable(self.label, error) from None

    def _numbered(self, wanted: Wanted) -> Iterator[Any]:
        from pyarrow import parquet

        own = len(self.headers) - len(self.partitions)
        told = dict(zip(self.headers[own:], self.partitions, strict=True))
        names = {index: self.headers[index] for index in wanted.read}
        place = _bytes_of(self.path, self.unpacked)
        values = {i for i, column in wanted.columns.items() if column.is_id or column.is_time}
        few = [names[i] for i in self.repeating & set(wanted.columns) - values]
        with parquet.ParquetFile(place, pre_buffer=False, read_dictionary=few) as file:
            columns = [name for name in names.values() if name not in told]
            decoded = file.iter_batches(batch_size=_BATCH_ROWS, columns=columns)
            whole = (_with_partitions(batch, told) for batch in decoded) if told else decoded
            yield from _numbered(whole, names, wanted)


@dataclass
class MemoryTable:
    """A table that a Python user handed over: a pandas DataFrame or a pyarrow Table."""

    table: Any
    label: str
    headers: tuple[str, ...]
    types: tuple[Any, ...]
    rows: int
    zeroed: frozenset[int] = frozenset()
    first_row: int = 2

    def batches(self, wanted: Wanted) -> Iterator[Any]:
        """Yield the wanted columns, text trimmed, with the number that each row has in Excel."""
        names = {index: self.headers[index] for index in wanted.read}
        columns = self.table.select(list(wanted.read))
        return _numbered(columns.to_batches(max_chunksize=_BATCH_ROWS), names, wanted)


def _numbered(batches: Iterable[Any], names: Mapping[int, str], wanted: Wanted) -> Iterator[Any]:
    import pyarrow as pa

    first = 2
    for batch in batches:
        columns = {index: _first(batch, name) for index, name in names.items()}
        cells = {
            f"c{index}": cleaned(columns[index], column.around, wanted.empty)
            for index, column in wanted.columns.items()
        }
        numbers = pa.arange(first, first + batch.num_rows)
        first += batch.num_rows
        ready = {**cells, **wanted.made(columns), "source_row": numbers}
        yield from with_odd_apart(pa.record_batch(ready), wanted.columns)


def _with_partitions(batch: Any, told: Mapping[str, str]) -> Any:
    """Return a batch with the columns that the names of its folders tell."""
    import pyarrow as pa

    for name, value in told.items():
        batch = batch.append_column(name, pa.repeat(value, batch.num_rows))
    return batch


def _first(batch: Any, name: str) -> Any:
    """Return the first column of a name, which a file may give to several."""
    return batch.column(batch.schema.get_all_field_indices(name)[0])


def cut_columns(source: ParquetFile | MemoryTable, ids: Collection[int]) -> frozenset[int]:
    """Return the columns of ids in which Excel had cut all long ones before they came here."""
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
        if not look.undecided:
            break
    return look.columns


@dataclass
class DistributedTable:
    """A table that only Spark can read: ``frame`` is its DataFrame. Its rows have no numbers."""

    frame: Any
    label: str
    headers: tuple[str, ...]
    types: tuple[Any, ...]
    zeroed: frozenset[int] = frozenset()
    first_row: int = 2

    def batches(self, _wanted: Wanted) -> Iterator[Any]:
        """Raise UsageError: what is read here comes into one process."""
        raise UsageError(
            f"{self.label}: a Spark table is judged by Spark; use --engine spark",
            f"{self.label}：Spark 表需由 Spark 判定，请使用 --engine spark",
        )


def open_parquet(
    path: Path, label: str, partitions: Mapping[str, str] | None = None, unpacked: Any = None
) -> ParquetFile:
    """Read a Parquet file's schema. Raises InputError when it is broken or cut off.

    ``partitions`` are columns and their values, as the names of its folders tell; ``unpacked`` is
    what was packed in the file at the path.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(_bytes_of(path, unpacked)) as file:
            schema, rows, repeating = file.schema_arrow, file.metadata.num_rows, _repeating(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(label, error) from None
    told = {name: v for name, v in (partitions or {}).items() if name not in schema.names}
    headers, types = (*schema.names, *told), (*schema.types, *(pa.string() for _ in told))
    return ParquetFile(
        path, label, headers, types, rows, tuple(told.values()), unpacked, repeating=repeating
    )


def _repeating(file: Any) -> frozenset[int]:
    """Return the columns of text that take few bytes a row, since it repeats itself."""
    about = file.metadata
    if not about.num_row_groups or about.num_columns != len(file.schema_arrow):
        return frozenset()
    first = about.row_group(0)
    most = _FEW_BYTES * first.num_rows
    return frozenset(
        index
        for index, kind in enumerate(file.schema_arrow.types)
        if is_text(kind) and first.column(index).total_uncompressed_size < most
    )


def _bytes_of(path: Path, unpacked: Any) -> Any:
    import pyarrow as pa

    return place_of(path) if unpacked is None else pa.BufferReader(pa.py_buffer(unpacked))


def _unreadable(label: str, error: Exception) -> InputError:
    return InputError(
        f"{label}: it cannot be read as Parquet ({error}); copy or export the file again",
        f"{label}：无法按 Parquet 读取（{error}）；请重新复制或导出该文件",
    )


def is_distributed(data: object) -> bool:
    """Say whether this is a Spark DataFrame."""
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
        table = data
    elif type(data).__module__.startswith("pandas") and hasattr(data, "columns"):
        try:
            table = pa.Table.from_pandas(data, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError) as error:
            raise InputError(
                f"{label}: a column holds values of several types ({error}); make it one type",
                f"{label}：某一列混有多种类型的值（{error}）；请统一该列类型",
            ) from None
    else:
        raise InputError(
            f"{label}: {type(data).__name__} is no input; give a path, a pandas DataFrame or a "
            "pyarrow Table",
            f"{label}：不支持 {type(data).__name__}；请给出路径、pandas DataFrame 或 pyarrow Table",
        )
    table = _plain(table)
    return MemoryTable(
        table, label, tuple(table.column_names), tuple(table.schema.types), table.num_rows
    )


def _plain(table: Any) -> Any:
    """Return the table with dictionary columns written out and column names as text."""
    import pyarrow as pa

    fields = [
        pa.field(
            str(item.name), item.type.value_type if pa.types.is_dictionary(item.type) else item.type
        )
        for item in table.schema
    ]
    return table.cast(pa.schema(fields)) if fields != list(table.schema) else table
