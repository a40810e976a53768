"""The engine beyond one machine: Apache Spark, by the same SQL.

Executors read the sources, judge, and write the hits. To the driver come findings, counts and
bounded samples only.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from merchantwatch.engines import Pass, SourceInfo, facts_of
from merchantwatch.engines.spark import addresses, csv, folders, relations
from merchantwatch.engines.spark.faults import reporting as tried
from merchantwatch.engines.spark.profile import examine
from merchantwatch.engines.spark.session import Effort, compiled_in_pieces, only_row, open_session
from merchantwatch.engines.spark.sql import spark_sql
from merchantwatch.engines.spark.storage import Storage
from merchantwatch.reading import (
    CsvFile,
    FoundFile,
    Sheet,
    Source,
    Wanted,
    profile_of,
    stated_styles,
)
from merchantwatch.reading.arrow import Batches, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


_DOUBTFUL = "amount_unread or quantity_unread or coalesce(problem like 'DQ2%', false)"
"""The condition on a row that some cell could not be read without facts about its column."""

_ROWS_AT_A_TIME = 10_000
"""How many rows come to the driver at a time if all are read."""


class SparkEngine:
    """A session with separate settings and names, for one run.

    Tables are cached on the executors; if one is lost, they are computed again from the sources.
    """

    name = "spark"

    def __init__(self, master: str | None, threads: int | None) -> None:
        self._opened = open_session(master, threads)
        self._session = self._opened.session
        self._effort = Effort(self._session)
        self._storage = Storage(self._session, self._effort)
        self._tables: dict[str, DataFrame] = {}
        self._views: frozenset[str] = frozenset()
        self._examined: dict[int, relations.Examined] = {}
        self._surveys: dict[str, csv.Survey] = {}

    def find(self, address: str) -> list[tuple[FoundFile, Source]]:
        """Return the files and tables at an address."""
        with tried(address):
            return addresses.find(self._session, address)

    def open(self, source: Source, wanted: Wanted, name: str, info: SourceInfo) -> None:
        """Make a source a relation of this name."""
        with tried(source.label):
            frame, settle = self._relation(source, wanted, info)
            rows = self._storage.of_source(frame)
            self._examine(source, info, rows, wanted)
            settle(rows.count())
            self._look(source, rows, wanted)
            rows.createOrReplaceTempView(name)

    @contextmanager
    def judging(self, over: Pass) -> Iterator[Callable[[Source, SourceInfo], None]]:
        """Make one pass over sources, whose rows stay on the executors."""
        yield lambda source, info: self._judge(source, info, over)

    def _judge(self, source: Source, info: SourceInfo, over: Pass) -> None:
        with tried(source.label):
            frame, settle = self._relation(source, over.wanted, info)
            # Several queries read a source; what is little is read once.
            frame = self._storage.of_source(frame) if self._effort.is_little else frame
            frame.createOrReplaceTempView(over.relation)
        with tried(source.label), compiled_in_pieces(self._session):
            several = self._examine(source, info, frame, over.wanted, over.several)
            # Without a known currency, cells must be searched for one before amounts are judged.
            if over.relevant and over.wanted.currency:
                self._look_later(source, over.wanted)
            elif over.relevant or source.profile is None:
                self._look(source, frame, over.wanted)
            passed = self._passed(source, over, several=several)
            count, doubtful = _counted(passed, "doubtful" if over.relevant else "false")
            settle(count)
            if doubtful:
                self._look(source, frame, over.wanted)
                passed = self._passed(source, over, several=several)
        for table, columns, which in over.portions:
            self._append(table, (passed.where(which) if which else passed).select(*columns))

    def _examine(
        self,
        source: Source,
        info: SourceInfo,
        rows: "DataFrame",
        wanted: Wanted,
        several: tuple[str, str] | None = None,
    ) -> bool:
        """Find the columns of cut ids, and say whether some row holds several lines.

        What an earlier pass over a source has found holds for all: to look again is to read again.
        """
        # A sheet has been read in this process, which examines ids as it does for DuckDB.
        ids = {} if isinstance(source, Sheet) else wanted.columns
        names = frozenset(f"c{i}" for i, c in ids.items() if c.is_id)
        known = self._examined.get(info.number, relations.NOTHING_EXAMINED)
        found = relations.examined(rows, known, names, several)
        self._examined[info.number] = found
        source.zeroed |= found.cut
        return several in found.several

    def _passed(self, source: Source, over: Pass, *, several: bool) -> "DataFrame":
        judged = self._sql(over.query(replace(facts_of(source), several=several)))
        return self._storage.of_source(_lean(judged, over) if over.relevant else judged)

    def _look_later(self, source: Source, wanted: Wanted) -> None:
        """Assume that all times are written in full, as nearly all are, until one is not."""
        if source.profile is None:
            source.styles = stated_styles(wanted)
            source.profile = profile_of(wanted, source.styles)

    def _look(self, source: Source, rows: "DataFrame", wanted: Wanted) -> None:
        """Collect facts about all cells of a source, and decide what they show together."""
        source.styles = stated_styles(wanted)
        source.profile = profile_of(wanted, source.styles)
        examine(rows, wanted, source.profile)
        source.styles = source.profile.decided()

    def _relation(
        self, source: Source, wanted: Wanted, info: SourceInfo
    ) -> tuple["DataFrame", Callable[[int], None]]:
        """Return a source's rows, and a function to call with their count."""
        from pyspark.sql import functions as F  # noqa: N812

        def nothing(_count: int) -> None: ...

        frame, settle = (
            relations.of_csv(self._session, source, wanted, self._surveys)
            if isinstance(source, CsvFile)
            else (relations.of_columns(self._session, source, wanted), nothing)
        )
        self._effort.add(frame)
        shop = F.lit(info.shop).cast("string")
        return frame.withColumns({"source": F.lit(info.number), "own_shop": shop}), settle

    def _append(self, name: str, rows: "DataFrame") -> None:
        self._tables[name] = self._tables[name].unionByName(rows)
        self._storage.together(self._tables[name]).createOrReplaceTempView(name)

    def create(self, name: str, query: str) -> None:
        """Store a query's result as a table, computed now, so that joins know its size."""
        with tried("Spark"):
            self._tables[name] = self._storage.filled(self._sql(query))
            self._tables[name].createOrReplaceTempView(name)

    def empty(self, name: str, query: str) -> None:
        """Create an empty table with the columns of a query, without running the query."""
        # The analysed schema is enough: nothing of the query is optimised or run.
        from pyspark.sql import DataFrame

        session = self._session
        with tried("Spark"):
            schema = self._sql(query)._jdf.schema()  # noqa: SLF001
            jvm: Any = session._jvm  # noqa: SLF001
            no_row = jvm.java.util.ArrayList()
            rows = session._jsparkSession.createDataFrame(no_row, schema)  # noqa: SLF001
            self._tables[name] = DataFrame(rows, session)
            self._tables[name].createOrReplaceTempView(name)

    def add(self, name: str, query: str) -> None:
        """Add a query's result to a table."""
        with tried("Spark"):
            self._append(name, self._storage.of_query(self._sql(query)))

    def view(self, name: str, query: str) -> None:
        """Give a query a name. Many ask for it, and Spark would compute it for each."""
        with tried("Spark"):
            self._storage.of_query(self._sql(query)).createOrReplaceTempView(name)
        self._views |= {name}

    def names(self) -> frozenset[str]:
        """Return the names of all tables and views that are there."""
        return self._views.union(self._tables)

    def table(self, query: str) -> Table:
        """Return a query's result as a pyarrow Table."""
        with tried("Spark"):
            found: Table = self._sql(query).toArrow()
        return found

    def batches(self, query: str) -> Batches:
        """Return a query's result as a pyarrow RecordBatchReader, one partition after another."""
        import pyarrow as pa

        frame = self._sql(query)
        # Rows come as Python objects below: their Arrow types must be those of the query.
        schema = frame.limit(0).toArrow().schema
        return pa.RecordBatchReader.from_batches(schema, _batches(frame, schema))

    def write(self, query: str, target: Path | str, by: str) -> None:
        """Let the executors write a query's result, partitioned by a column."""
        folders.write(self._sql(query).write.partitionBy(by), target)

    def close(self) -> None:
        """Release persisted tables, and stop Spark if this run has started it.

        Where Spark keeps running, threads that it has started hold the session; so its names must
        hold no plans, or those of every scan would stay in memory. Where Spark has died, there is
        nothing to release, and the first error must not be hidden by another.
        """
        from py4j.protocol import Py4JError

        with suppress(Py4JError, OSError):
            self._storage.release()
            self._session._jsparkSession.sessionState().catalog().clearTempTables()  # noqa: SLF001
        with suppress(Py4JError, OSError):
            self._opened.close()
        self._tables.clear()

    def _sql(self, query: str) -> "DataFrame":
        return self._session.sql(spark_sql(query))


def _counted(rows: Any, test: str) -> tuple[int, bool]:
    """Return the number of rows, and whether a test holds for some, by one job."""
    found = only_row(rows.selectExpr("count(*) as n", f"coalesce(bool_or({test}), false) as some"))
    return found["n"], found["some"]


def _lean(judged: "DataFrame", over: Pass) -> "DataFrame":
    """Return the judged rows, with all their fields only for rows that matter.

    So all other rows take a few bytes of the executors' memory.
    """
    always = dict.fromkeys([*over.states, *over.upcoming, "matters", "is_upcoming"])
    fields = [
        f"case when matters then {name} end as {name}"
        for name in over.relevant
        if name not in always
    ]
    return judged.selectExpr(*always, *fields, f"{_DOUBTFUL} as doubtful")


def _batches(frame: "DataFrame", schema: Any) -> Iterator[Any]:
    import itertools

    import pyarrow as pa

    rows = (row.asDict() for row in frame.toLocalIterator(prefetchPartitions=True))
    while some := list(itertools.islice(rows, _ROWS_AT_A_TIME)):
        yield pa.RecordBatch.from_pylist(some, schema=schema)
