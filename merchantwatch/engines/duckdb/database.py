"""One DuckDB database in memory, bounded; beyond the bound it spills to a temporary folder."""

import warnings
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from merchantwatch.engines.memory import bytes_of
from merchantwatch.errors import OutputError, UsageError
from merchantwatch.reading.arrow import Batches, Rows, Table
from merchantwatch.support.leftovers import remove, temporary_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Done = TypeVar("Done")

_READING_BYTES = 450 * 10**6
"""The memory that reading takes; the database may use the rest, and half in any case."""

_BYTES_OF_A_THREAD = 64 * 10**6
"""The memory that a thread needs: it bounds their number unless that is set."""

_ROWS_OF_A_THREAD = 1 << 14
"""As many rows are judged by one thread, unless their number is set: more of them mostly wait."""

_ROWS_OF_A_PLAN = 1 << 13
"""As many rows are judged by plans that are not optimised: that would take longer than it saves."""


class Database:
    """A database for one run. It starts with ``thrifty`` memory, if given, and takes more later."""

    def __init__(self, memory: str, threads: int | None, thrifty: str | None) -> None:
        import duckdb

        self.memory = memory
        self._limits = [_limit(memory)]
        if thrifty and _limit(thrifty) < self._limits[0]:
            self._limits.append(_limit(thrifty))
        self._spill = temporary_folder()
        self._requested_threads, self._rows = threads, 0
        self._threads = threads or 1  # as long as no rows are given
        self._connection = duckdb.connect(
            ":memory:",
            config={
                # Set now: to set them later makes the process give back all memory it does not use.
                "memory_limit": f"{self._limits[-1]}B",
                "threads": self._threads,
                "temp_directory": str(self._spill),
                # Every query that needs an order says so; keeping that of insertion would cost
                # memory.
                "preserve_insertion_order": False,
                # Else a commit of many rows compresses all tables, which takes longer than judging.
                "checkpoint_threshold": "1TB",
                # Whatever a pack or a header says, nothing is ever fetched for it.
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        # A finalizer also runs when a Python user forgets to close the report.
        self.close = weakref.finalize(self, _release, self._connection, self._spill)
        self.run("set enable_progress_bar = false")
        if self._rows <= _ROWS_OF_A_PLAN:
            self.run("pragma disable_optimizer")
        # timezone() goes both ways, by the type of its argument. Where the SQL is turned into
        # Spark's no type is known, so that one of the ways needs a name.
        self.run("create macro instant_of(zone, wall) as timezone(zone, wall)")

    def run(self, statement: str) -> None:
        """Run a statement. Raises UsageError where the memory is too little for it."""
        self._within(lambda: self._connection.execute(statement).fetchall())

    def table(self, query: str) -> Table:
        """Return a query's result as a pyarrow Table. Raises UsageError like ``run``."""
        found: Table = self._within(lambda: self._fetched(query))
        return found

    def _fetched(self, query: str) -> Any:
        # A relation binds a query twice; but rows that ``execute`` gives are in order only where
        # one thread has made them.
        if self._threads > 1 or not self._few:
            return self._connection.sql(query).to_arrow_table()
        with warnings.catch_warnings():
            # It copies the rows once more, which are few.
            warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)
            return self._connection.execute(query).to_arrow_table()

    def batches(self, query: str) -> Batches:
        """Return a query's result as a pyarrow RecordBatchReader."""
        found: Batches = self._connection.sql(query).to_arrow_reader()
        return found

    def register(self, name: str, rows: Rows) -> None:
        """Let a pyarrow Table be read by a name."""
        before, few = self._rows, self._few
        self._rows += len(rows)
        if before <= _ROWS_OF_A_PLAN < self._rows:
            self.run("pragma enable_optimizer")
        if few and not self._few:
            self._bound()
        self._connection.register(name, rows)

    def unregister(self, name: str) -> None:
        """Forget a registered name."""
        self._connection.unregister(name)

    def _within(self, step: Callable[[], Done]) -> Done:
        """Take a step; if memory is too little and more is allowed, take it again with more."""
        import duckdb

        while True:
            try:
                return step()
            except duckdb.OutOfMemoryException:
                # The first limit may be a thrifty one: take the next, which is what the user
                # allows, and try again.
                self._limits.pop()
                if not self._limits:
                    raise _too_little(self.memory) from None
                self._bound()
            except duckdb.IOException as error:
                raise _no_room(self._spill, str(error)) from None

    def _bound(self) -> None:
        """Set the bound of the memory, and the threads that have enough of it."""
        limit = self._limits[-1]
        self._connection.execute(f"set memory_limit = '{limit}B'")
        self._threads = self._requested_threads or (1 if self._few else self._several(limit))
        self._connection.execute(f"set threads = {self._threads}")

    @property
    def _few(self) -> bool:
        """Whether the rows given so far are few."""
        return self._rows <= _ROWS_OF_A_THREAD

    def _several(self, limit: int) -> int:
        """Return as many threads as there are usually, if the memory is enough for them."""
        self._connection.execute("reset threads")
        found = self._connection.execute("select current_setting('threads')").fetchall()
        return min(int(found[0][0]), max(2, limit // _BYTES_OF_A_THREAD))


def _limit(memory: str) -> int:
    size = bytes_of(memory)
    return max(size - _READING_BYTES, size // 2)


def _too_little(memory: str) -> UsageError:
    return UsageError(
        f"--memory {memory}: it is too little for these files; allow more, such as 2GB, "
        "or fewer --threads",
        f"--memory {memory}：处理这些文件内存不足；请调大（如 2GB），或减少 --threads",
    )


def _no_room(spill: Path, error: str) -> OutputError:
    """Return the error that data beyond the memory cannot be spilled: the disk is full, or gone."""
    reason = error.splitlines()[0]
    return OutputError(
        f"{spill.parent}: temporary files cannot be written ({reason}); name another folder by "
        "TMPDIR, or allow more --memory",
        f"{spill.parent}：无法写入临时文件（{reason}）；请用 TMPDIR 另行指定，或调大 --memory",
    )


def _release(connection: "DuckDBPyConnection", spill: Path) -> None:
    connection.close()
    remove(spill)
