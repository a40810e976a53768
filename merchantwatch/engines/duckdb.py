"""The embedded engine: DuckDB, within a bounded memory, spilling to a temporary folder."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from merchantwatch.errors import UsageError
from merchantwatch.reading import (
    Columns,
    CsvFile,
    MemoryTable,
    ParquetFile,
    Source,
    is_text,
    trimmed,
)

_RELATION = "source_table"
_SIZE = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B|B)?", re.IGNORECASE)


class DuckDBEngine:
    """One in-memory DuckDB database, for one run."""

    name = "duckdb"

    def __init__(self, memory: str, threads: int | None) -> None:
        import duckdb

        if not _SIZE.fullmatch(memory.strip()):
            raise UsageError(
                f"--memory {memory}: write it like 1GB or 800MB",
                f"--memory {memory}：请写成 1GB 或 800MB 这样的大小",
            )
        spill = tempfile.mkdtemp(prefix="merchantwatch-")
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "temp_directory": spill,
                "preserve_insertion_order": False,
                # Whatever a pack or a header says, nothing is ever fetched for it.
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                **({"threads": threads} if threads else {}),
            },
        )
        self._release = weakref.finalize(self, _release, self._connection, spill)
        self.run("set enable_progress_bar = false")

    def load(self, source: Source, columns: Columns, insert: Callable[[str], str]) -> None:
        """Run ``insert(relation)`` over a source; a failed attempt leaves nothing behind."""
        if isinstance(source, ParquetFile):
            self.run(insert(_parquet_scan(source, columns)))
        elif isinstance(source, MemoryTable):
            self._insert_from(_numbered(source, columns), insert)
        else:
            self._load_csv(source, columns, insert)

    def _load_csv(self, source: CsvFile, columns: Columns, insert: Callable[[str], str]) -> None:
        source.read_into(columns, lambda reader: self._insert_from(reader, insert))

    def _insert_from(self, data: Any, insert: Callable[[str], str]) -> None:
        self._connection.register(_RELATION, data)
        try:
            self.run(insert(_RELATION))
        finally:
            self._connection.unregister(_RELATION)

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


def _release(connection: Any, spill: str) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)


def _parquet_scan(source: ParquetFile, columns: Columns) -> str:
    named = [
        f"trim({_quoted(source.headers[index])}, {_literal(around)}) as c{index}"
        if is_text(source.types[index])
        else f"{_quoted(source.headers[index])} as c{index}"
        for index, around in columns.items()
    ]
    path = _literal(_without_globs(source.path))
    return (
        f"(select {', '.join([*named, 'file_row_number + 2 as source_row'])} "
        f"from read_parquet({path}, file_row_number = true))"
    )


def _numbered(source: MemoryTable, columns: Columns) -> Any:
    import pyarrow as pa

    cells = {f"c{i}": trimmed(source.table.column(i), around) for i, around in columns.items()}
    return pa.table({**cells, "source_row": pa.arange(2, 2 + source.table.num_rows)})


def _without_globs(path: Path) -> str:
    """Return a path in which no sign stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
