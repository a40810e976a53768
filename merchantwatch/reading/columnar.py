"""Files with typed columns: Parquet, read a few batches at a time, and Arrow's formats."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from merchantwatch.errors import InputError
from merchantwatch.reading.arrow import Batch, Kind, words
from merchantwatch.reading.cells import Wanted, is_text
from merchantwatch.reading.names import place_of
from merchantwatch.reading.prefetch import prefetch
from merchantwatch.reading.profile import UNDECIDED, Profile, Styles
from merchantwatch.reading.tables import BATCH_ROWS, MemoryTable, numbered, table_of
from merchantwatch.reading.types import plain_type

STREAM = b"\xff\xff\xff\xff"
ARROW = (b"ARRO", b"FEA1", STREAM)
"""The first bytes of files in Arrow's formats; the oldest is recognised, but not read."""

_FEW_BYTES = 8
"""A text column with fewer bytes a row than this is dictionary-encoded: its texts repeat."""

_PREFETCHED_BATCHES = 4
"""How many batches are decoded in advance."""

_NO_NAME = "a name in it is no UTF-8"


class ParquetFile(Struct):
    """A Parquet file: ``headers`` and Arrow types by position.

    ``partitions`` are the values of its last columns, from the names of its folders. The bytes of a
    packed file are ``unpacked`` into a temporary file without a path. In the columns ``zeroed``
    Excel has cut every long id to fifteen digits. Columns that are ``repeating`` hold the same
    texts many times, so each text is cleaned once.
    """

    path: Path
    label: str
    headers: tuple[str, ...]
    types: tuple[Kind, ...]
    rows: int
    partitions: tuple[str, ...] = ()
    unpacked: Any = None
    zeroed: frozenset[int] = frozenset()
    repeating: frozenset[int] = frozenset()
    first_row: int = 2
    styles: Styles = UNDECIDED
    profile: Profile | None = None

    def batches(self, wanted: Wanted) -> Iterator[Batch]:
        """Yield the wanted columns, text trimmed, with the number that each row has in Excel.

        Only these columns are read, and a few batches are in memory at a time. Raises InputError
        when the file turns out broken.
        """
        import pyarrow as pa

        try:
            yield from prefetch(self._numbered(wanted), _PREFETCHED_BATCHES)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise _unreadable(self.label, error) from None

    def _numbered(self, wanted: Wanted) -> Iterator[Batch]:
        from pyarrow import parquet

        in_file = len(self.headers) - len(self.partitions)
        partitions = dict(zip(self.headers[in_file:], self.partitions, strict=True))
        names = {index: self.headers[index] for index in wanted.read}
        place = _bytes_of(self.path, self.unpacked)
        values = {i for i, column in wanted.columns.items() if column.is_id or column.is_time}
        few = [names[i] for i in self.repeating & set(wanted.columns) - values]
        # With pre_buffer pyarrow holds on to what it has read of the file until it is closed.
        with parquet.ParquetFile(place, pre_buffer=False, read_dictionary=few) as file:
            columns = [name for name in names.values() if name not in partitions]
            decoded = file.iter_batches(batch_size=BATCH_ROWS, columns=columns)
            whole = (
                (_with_partitions(batch, partitions) for batch in decoded)
                if partitions
                else decoded
            )
            yield from numbered(whole, names, wanted)


def open_parquet(
    path: Path, label: str, partitions: Mapping[str, str] | None = None, unpacked: Any = None
) -> ParquetFile:
    """Read a Parquet file's schema. Raises InputError when it is broken or cut off.

    ``partitions`` are columns and their values, from the names of its folders; ``unpacked`` is the
    content of the packed file at the path.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(_bytes_of(path, unpacked)) as file:
            schema, rows, repeating = file.schema_arrow, file.metadata.num_rows, _repeating(file)
            names = schema.names
    except UnicodeDecodeError:
        raise _unreadable(label, _NO_NAME) from None
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(label, error) from None
    # A column in the file is more exact than the name of its folder.
    added = {name: v for name, v in (partitions or {}).items() if name not in names}
    types = (*map(plain_type, schema.types), *(pa.string() for _ in added))
    headers = (*names, *added)
    return ParquetFile(
        path, label, headers, types, rows, tuple(added.values()), unpacked, repeating=repeating
    )


def _repeating(file: Any) -> frozenset[int]:
    """Return the columns of text that take few bytes a row, since it repeats itself."""
    about = file.metadata
    # A nested column has several leaves: positions in the metadata are not those of the schema.
    if not about.num_row_groups or about.num_columns != len(file.schema_arrow):
        return frozenset()
    first = about.row_group(0)
    # By the first row group: what repeats there nearly always repeats in all.
    most = _FEW_BYTES * first.num_rows
    return frozenset(
        index
        for index, kind in enumerate(file.schema_arrow.types)
        if is_text(kind) and first.column(index).total_uncompressed_size < most
    )


def _bytes_of(path: Path, unpacked: Any) -> Any:
    import pyarrow as pa

    return place_of(path) if unpacked is None else pa.BufferReader(pa.py_buffer(unpacked))


def open_arrow(path: Path, label: str, unpacked: Any = None) -> MemoryTable:
    """Open a file in one of Arrow's formats (Feather), of which only what is read is loaded.

    Raises InputError when it is broken.
    """
    import pyarrow as pa

    try:
        place = _bytes_of(path, unpacked)
        # Mapped, so that only the pages of the columns read are loaded.
        place = pa.memory_map(str(place)) if isinstance(place, Path) else place
        head = place.read(4)
        place.seek(0)
        opened = pa.ipc.open_stream if head == STREAM else pa.ipc.open_file
        return table_of(opened(place).read_all(), label)
    except UnicodeDecodeError:
        raise _unreadable(label, _NO_NAME, "Arrow") from None
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(label, error, "Arrow") from None


def _with_partitions(batch: Batch, partitions: Mapping[str, str]) -> Batch:
    """Return a batch with the columns that the names of its folders give."""
    for name, value in partitions.items():
        batch = batch.append_column(name, words(value, batch.num_rows))
    return batch


def _unreadable(label: str, error: Exception | str, kind: str = "Parquet") -> InputError:
    why = " ".join(str(error).split())
    return InputError(
        f"{label}: it cannot be read as {kind} ({why}); copy or export the file again",
        f"{label}：无法按 {kind} 读取（{why}）；请重新复制或导出该文件",
    )
