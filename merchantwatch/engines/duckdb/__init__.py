"""The embedded engine: DuckDB."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat

from merchantwatch.engines import Pass, SourceInfo
from merchantwatch.engines.duckdb.database import Database
from merchantwatch.engines.duckdb.judging import Judging
from merchantwatch.engines.duckdb.sources import CHUNK_ROWS, chunk_rows, no_rows, read
from merchantwatch.engines.duckdb.waiting import BatchKey, Waiting
from merchantwatch.reading import Source, Wanted, release_unused
from merchantwatch.reading.arrow import Batch, Batches, Table


class DuckDBEngine:
    """One database, for one run."""

    name = "duckdb"

    def __init__(self, memory: str, threads: int | None, thrifty: str | None = None) -> None:
        self._database = Database(memory, threads, thrifty)

    def open(self, source: Source, wanted: Wanted, name: str, info: SourceInfo) -> None:
        """Make a source a relation of this name."""
        nothing = no_rows(source, wanted)
        read(source, wanted, info, lambda batches: self._load(name, nothing, batches))

    def _load(self, name: str, nothing: Table, batches: Iterable[Batch]) -> None:
        """Fill a table with a source's rows, replacing those of an earlier attempt.

        Without rows it is like ``nothing``, an empty table.
        """
        self._database.register("chunk", nothing)
        self._database.run(f"create or replace table {name} as select * from chunk")
        self._database.unregister("chunk")
        # An attempt that is repeated begins the table again, so that nothing of a failed one stays.
        into = chain([f"create or replace table {name} as"], repeat(f"insert into {name}"))

        def insert(chunk: Table, _key: BatchKey) -> None:
            self._database.register("chunk", chunk)
            self._database.run(f"{next(into)} select * from chunk")
            self._database.unregister("chunk")

        waiting = Waiting(CHUNK_ROWS, insert)
        for batch in batches:
            waiting.add(batch, BatchKey(batch.schema))
        waiting.finish()

    @contextmanager
    def judging(self, over: Pass) -> Iterator[Callable[[Source, SourceInfo], None]]:
        """Make one pass over sources, chunk by chunk; of an unreadable one nothing is stored."""
        judging = Judging(self._database, over)

        def judge(source: Source, info: SourceInfo) -> None:
            if over.whole:
                self.open(source, over.wanted, over.relation, info)
                judging.judge_whole(source)
            else:
                judging.read(source, info)

        yield judge
        judging.finish()
        release_unused()

    def take(self, rows: Table, name: str, query: str) -> None:
        """Add a query's result to a table; in the query ``chunk`` are the given rows."""
        self._database.register("chunk", rows)
        self._database.run(f"insert into {name} by name {query}")
        self._database.unregister("chunk")

    def hold(self, rows: Table, name: str, which: str) -> None:
        """Make a table a view that also has some of the given rows, which are not copied."""
        stored, held = f"{name}_stored", f"{name}_held"
        self._database.run(f"alter table {name} rename to {stored}")
        self._database.register(held, rows)
        query = f"select * from {stored} union all by name select * from {held} where {which}"
        self.view(name, query)

    def ask(self, rows: Table, name: str, query: str) -> Table:
        """Return a query's result; in the query ``name`` are the given rows."""
        self._database.register(name, rows)
        found = self._database.table(query)
        self._database.unregister(name)
        return found

    def judge_rows(self, rows: Table, over: Pass) -> None:
        """Make a pass over rows, a batch at a time."""
        judging = Judging(self._database, over)
        several = chunk_rows(self._database.memory, joins=over.joins)
        for first in range(0, len(rows), several):
            judging.judge_relation(rows.slice(first, several))

    def create(self, name: str, query: str) -> None:
        """Store a query's result as a table."""
        self._database.run(f"create or replace table {name} as {query}")

    def empty(self, name: str, query: str) -> None:
        """Create an empty table with the columns of a query; the query must give no row."""
        self.create(name, query)

    def add(self, name: str, query: str) -> None:
        """Add a query's result to a table."""
        self._database.run(f"insert into {name} by name {query}")

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        self._database.run(f"create or replace view {name} as {query}")

    def names(self) -> frozenset[str]:
        """Return the names of all tables and views."""
        found = self._database.table("select table_name from information_schema.tables")
        return frozenset(name for name in found.column(0).to_pylist() if name is not None)

    def table(self, query: str) -> Table:
        """Return a query's result as a pyarrow Table."""
        return self._database.table(query)

    def batches(self, query: str) -> Batches:
        """Return a query's result as a pyarrow RecordBatchReader."""
        return self._database.batches(query)

    def close(self) -> None:
        """Close the database and remove its temporary folder."""
        self._database.close()
