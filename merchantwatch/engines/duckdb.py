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
    release_unused,
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

    def open(self, source: Source, wanted: Wanted, name: str, then: str = "") -> None:
        """Make a source a relation of this name, and run the statement ``then`` over it."""
        if isinstance(source, CsvFile):
            self._open_csv(source, wanted, name, then)
            return
        if isinstance(source, ParquetFile):
            self.run(f"create view {name} as {_parquet_scan(source, wanted)}")
        else:
            self._connection.register(name, _numbered(source, wanted))
        if then:
            self.run(then)

    def _open_csv(self, source: CsvFile, wanted: Wanted, name: str, then: str) -> None:
        """Keep a text file's columns as a table while it is small, else as Parquet on disk."""
        kept = _Kept(self._resident_left, self._spill / f"{name}.parquet")

        source.read_into(wanted, kept.take)
        self._resident_left -= kept.resident
        if kept.spilled:
            path = _literal(_without_globs(kept.path))
            self.run(f"create view {name} as select * from read_parquet({path})")
        else:
            self._connection.register(name, kept.table())
        release_unused()
        if then:
            self.run(then)

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
    """What was read of one text file: batches, or beyond ``limit`` bytes a Parquet file."""

    def __init__(self, limit: int, path: Path) -> None:
        self.limit, self.path = limit, path
        self.spilled = False
        self.resident = 0
        self._batches: list[Any] = []
        self._schema: Any = None

    def take(self, reader: Any) -> None:
        """Keep a reader's batches, in place of whatever an earlier attempt at the file left."""
        self.spilled, self.resident, self._batches = False, 0, []
        self._schema = reader.schema
        for batch in reader:
            self._batches.append(batch)
            self.resident += batch.nbytes
            if self.resident > self.limit:
                self._spill(reader)

    def table(self) -> Any:
        """Return the batches as one table."""
        import pyarrow as pa

        return pa.Table.from_batches(self._batches, self._schema)

    def _spill(self, reader: Any) -> None:
        """Write what was kept to disk, and then whatever else there is."""
        from pyarrow import parquet

        self.spilled, self.resident = True, 0
        with parquet.ParquetWriter(self.path, self._schema, compression="snappy") as writer:
            for batch in self._batches:
                writer.write_batch(batch)
            self._batches = []
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
            value = _cleaned(value, column.around, wanted.empty)
        named.append(f"{value} as c{index}")
    path = _literal(_without_globs(source.path))
    return (
        f"select {', '.join([*named, 'file_row_number + 2 as source_row'])} "
        f"from read_parquet({path}, file_row_number = true)"
    )


def _cleaned(value: str, around: str, empty: tuple[str, ...]) -> str:
    """Return a text column trimmed, empty cells as null.

    Trimming is dear, and few cells need it: whether one does is told by looking for the signs.
    """
    signs = " or ".join(f"contains({value}, {_literal(sign)})" for sign in around if sign != " ")
    blanks = f"starts_with({value}, ' ') or ends_with({value}, ' ')"
    trimmed = (
        f"case when {signs} or {blanks} then trim({value}, {_literal(around)}) else {value} end"
    )
    nothing = ", ".join(_literal(word) for word in empty)
    return f"case when ({trimmed}) not in ({nothing}) then ({trimmed}) end"


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
