"""The embedded engine: DuckDB, within a bounded memory, spilling to a temporary folder."""

import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from merchantwatch.errors import UsageError
from merchantwatch.reading import (
    CsvFile,
    MemoryTable,
    ParquetFile,
    Source,
    Wanted,
    cleaned,
    is_text,
)

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_RESIDENT_SHARE = 0.4
"""The share of the memory that text files may take as tables; what is beyond goes to disk."""


class DuckDBEngine:
    """One in-memory DuckDB database, for one run."""

    name = "duckdb"

    def __init__(self, memory: str, threads: int | None) -> None:
        import duckdb

        size = _bytes(memory)
        self._resident_left = int(size * _RESIDENT_SHARE)
        self._spill = Path(tempfile.mkdtemp(prefix="merchantwatch-"))
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{int(size * (1 - _RESIDENT_SHARE))}B",
                "temp_directory": str(self._spill),
                "preserve_insertion_order": False,
                # Whatever a pack or a header says, nothing is ever fetched for it.
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                **({"threads": threads} if threads else {}),
            },
        )
        self._release = weakref.finalize(self, _release, self._connection, self._spill)
        self.run("set enable_progress_bar = false")

    def open(self, source: Source, wanted: Wanted, name: str) -> None:
        """Make a source a relation of this name."""
        if isinstance(source, ParquetFile):
            self.run(f"create view {name} as {_parquet_scan(source, wanted)}")
        elif isinstance(source, MemoryTable):
            self._connection.register(name, _numbered(source, wanted))
        else:
            self._open_csv(source, wanted, name)

    def _open_csv(self, source: CsvFile, wanted: Wanted, name: str) -> None:
        """Keep a text file's columns as a table while it is small, else as Parquet on disk."""
        kept = _Kept(self._resident_left, self._spill / f"{name}.parquet")
        source.read_into(wanted, kept.take)
        self._resident_left -= kept.resident
        if kept.table is not None:
            self._connection.register(name, kept.table)
        else:
            path = _literal(_without_globs(kept.path))
            self.run(f"create view {name} as select * from read_parquet({path})")

    def run(self, sql: str) -> None:
        """Run one statement that returns nothing."""
        self._connection.execute(sql).fetchall()

    def table(self, sql: str) -> Any:
        """Return a query's result as a pyarrow Table."""
        return self._connection.sql(sql).to_arrow_table()

    def batches(self, sql: str) -> Any:
        """Return a query's result as a pyarrow RecordBatchReader."""
        return self._connection.sql(sql).to_arrow_reader()

    def close(self) -> None:
        """Close the database and remove its temporary folder."""
        self._release()


class _Kept:
    """What was read of one text file: a table, or beyond ``limit`` bytes a Parquet file."""

    def __init__(self, limit: int, path: Path) -> None:
        self.limit, self.path = limit, path
        self.table: Any = None
        self.resident = 0

    def take(self, reader: Any) -> None:
        """Keep all batches of a reader, in place of whatever an earlier attempt left."""
        import pyarrow as pa

        self.table, self.resident, held = None, 0, []
        for batch in reader:
            held.append(batch)
            self.resident += batch.nbytes
            if self.resident > self.limit:
                self.resident = 0
                self._write(held, reader)
                return
        self.table = pa.Table.from_batches(held, reader.schema)

    def _write(self, held: list[Any], reader: Any) -> None:
        from pyarrow import parquet

        with parquet.ParquetWriter(self.path, reader.schema, compression="snappy") as writer:
            for batch in held:
                writer.write_batch(batch)
            held.clear()
            for batch in reader:
                writer.write_batch(batch)


def _bytes(memory: str) -> int:
    """Return ``1GB`` as a number of bytes. Raises UsageError for anything else."""
    match = _SIZE.fullmatch(memory.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(
            f"--memory {memory}: write it like 1GB or 800MB",
            f"--memory {memory}：请写成 1GB 或 800MB 这样的大小",
        )
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _release(connection: Any, spill: Path) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


def _parquet_scan(source: ParquetFile, wanted: Wanted) -> str:
    named = []
    for index, column in wanted.columns.items():
        value = _quoted(source.headers[index])
        if is_text(source.types[index]):
            value = f"trim({value}, {_literal(column.around)})"
            for nothing in wanted.empty:
                value = f"nullif({value}, {_literal(nothing)})"
        named.append(f"{value} as c{index}")
    path = _literal(_without_globs(source.path))
    return (
        f"select {', '.join([*named, 'file_row_number + 2 as source_row'])} "
        f"from read_parquet({path}, file_row_number = true)"
    )


def _numbered(source: MemoryTable, wanted: Wanted) -> Any:
    import pyarrow as pa

    cells = {
        f"c{index}": cleaned(source.table.column(index), column.around, wanted.empty)
        for index, column in wanted.columns.items()
    }
    return pa.table({**cells, "source_row": pa.arange(2, 2 + source.table.num_rows)})


def _without_globs(path: Path) -> str:
    """Return a path in which no sign stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
