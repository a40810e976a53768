"""The embedded engine: DuckDB, within a bounded memory, spilling to a temporary folder."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from merchantwatch.engines import Pass, Told
from merchantwatch.engines.duckdb.judging import Judging
from merchantwatch.engines.duckdb.sources import chunks, read
from merchantwatch.errors import UsageError
from merchantwatch.reading import Source, Wanted, release_unused

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_READING_BYTES = 450 * 10**6
"""What reading takes of the memory; the database may use the rest, and half in any case."""


class DuckDBEngine:
    """One in-memory DuckDB database, for one run."""

    name = "duckdb"

    def __init__(self, memory: str, threads: int | None) -> None:
        import duckdb

        size = _bytes(memory)
        self._spill = Path(tempfile.mkdtemp(prefix="merchantwatch-"))
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{max(size - _READING_BYTES, size // 2)}B",
                "temp_directory": str(self._spill),
                "preserve_insertion_order": False,
                # Else a commit of many rows compresses all tables, which takes longer than judging.
                "checkpoint_threshold": "1TB",
                # Whatever a pack or a header says, nothing is ever fetched for it.
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                **({"threads": threads} if threads else {}),
            },
        )
        self._release = weakref.finalize(self, _release, self._connection, self._spill)
        self._run("set enable_progress_bar = false")

    def open(self, source: Source, wanted: Wanted, name: str, told: Told) -> None:
        """Make a source a relation of this name."""
        read(source, wanted, told, lambda batches: self._load(name, wanted, batches))

    def _load(self, name: str, wanted: Wanted, batches: Iterable[Any]) -> None:
        """Fill a table with a source's rows, in place of those of an earlier attempt."""
        cells = "".join(f"cast(null as varchar) as c{index}, " for index in wanted.columns)
        told = "cast(0 as integer) as source, cast(null as varchar) as own_shop"
        nothing = f"select {cells}cast(0 as bigint) as source_row, {told} limit 0"
        self._run(f"create or replace table {name} as {nothing}")
        for place, chunk in enumerate(chunks(batches)):
            self._connection.register("chunk", chunk)
            into = f"insert into {name}" if place else f"create or replace table {name} as"
            self._run(f"{into} select * from chunk")
            self._connection.unregister("chunk")

    @contextmanager
    def judging(self, over: Pass) -> Iterator[Callable[[Source, Told], None]]:
        """Make one pass over sources, chunk by chunk; of one that breaks off nothing stays."""
        judging = Judging(self._connection, over)

        def judge(source: Source, told: Told) -> None:
            if over.whole:
                self.open(source, over.wanted, over.relation, told)
                judging.judge_whole(source)
            else:
                judging.read(source, told)

        yield judge
        judging.finish()
        release_unused()

    def create(self, name: str, query: str) -> None:
        """Keep a query's result as a table."""
        self._run(f"create table {name} as {query}")

    def add(self, name: str, query: str) -> None:
        """Add a query's result to a table that is kept."""
        self._run(f"insert into {name} by name {query}")

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        self._run(f"create or replace view {name} as {query}")

    def table(self, query: str) -> Any:
        """Return a query's result as a pyarrow Table."""
        return self._connection.sql(query).to_arrow_table()

    def batches(self, query: str) -> Any:
        """Return a query's result as a pyarrow RecordBatchReader."""
        return self._connection.sql(query).to_arrow_reader()

    def close(self) -> None:
        """Close the database and remove its temporary folder."""
        self._release()

    def _run(self, statement: str) -> None:
        self._connection.execute(statement).fetchall()


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
