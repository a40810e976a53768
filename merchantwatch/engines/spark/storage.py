"""Where the results of queries stay: on the executors, apart from how they were computed."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from merchantwatch.engines.spark.session import Effort


class Storage:
    """The stored results of a run, which queries read without planning these again."""

    def __init__(self, session: "SparkSession", effort: "Effort") -> None:
        self._session, self._effort = session, effort
        self._in_this_process: bool = session.sparkContext._jsc.sc().isLocal()  # noqa: SLF001
        self._parts: int = session.sparkContext.defaultParallelism
        self._frames: list[DataFrame] = []
        self._checkpoints: list[Any] = []

    def of_source(self, frame: "DataFrame") -> "DataFrame":
        """Store rows read of a source, in as many partitions as they are read in."""
        if self._effort.is_little:
            return self.of_query(frame)
        rows = _rows_of(frame)
        self._parts += rows.getNumPartitions()
        return self._persisted(frame, rows)

    def of_query(self, frame: "DataFrame") -> "DataFrame":
        """Store a query's rows, once another query asks for them."""
        if self._effort.is_little and self._in_this_process:
            return self._checkpointed(frame, now=False)
        return self._persisted(frame, _rows_of(frame))

    def filled(self, frame: "DataFrame") -> "DataFrame":
        """Store a query's rows now, so that joins know how many they are."""
        if self._effort.is_little and self._in_this_process:
            return self._checkpointed(frame, now=True)
        stored = self._persisted(frame, _rows_of(frame))
        _rows_of(stored).count()
        return stored

    def together(self, frame: "DataFrame") -> "DataFrame":
        """Return rows of several sources, in one partition if they are few."""
        return frame.coalesce(1) if self._effort.is_little else frame

    def release(self) -> None:
        """Free what is stored."""
        for frame in self._frames:
            frame.unpersist()
        for rows in self._checkpoints:
            rows.unpersist(False)
        self._frames.clear()
        self._checkpoints.clear()

    def _checkpointed(self, frame: "DataFrame", *, now: bool) -> "DataFrame":
        """Store few rows in this process, and forget how they were computed.

        Else each further job would send that to its tasks, as Java objects, for all tables that a
        table comes of; which is most of what a scan of little takes. In one partition nothing is
        shuffled. Where executors are processes of their own one may be lost, and what it held must
        be computed again.
        """
        stored = frame.coalesce(1).localCheckpoint(eager=now)
        self._checkpoints.append(stored._jdf.queryExecution().analyzed().rdd())  # noqa: SLF001
        return stored

    def _persisted(self, frame: "DataFrame", rows: Any) -> "DataFrame":
        """Return the same rows as a separate table, persisted on the executors once computed.

        Queries that read it no longer plan how it was computed; but other than a checkpoint on the
        executors, it is computed again where one of them is lost. It is coalesced, since a union of
        hundreds of rules would have hundreds of times the partitions of the lines, and each reader
        a task for each of them. ``rows`` are those of ``_rows_of``.
        """
        from pyspark.sql import DataFrame

        parts = 1 if self._effort.is_little else self._parts
        java = self._session._jsparkSession  # noqa: SLF001
        alone = java.internalCreateDataFrame(rows, frame._jdf.schema(), False)  # noqa: SLF001
        self._frames.append(DataFrame(alone, self._session).coalesce(parts).persist())
        return self._frames[-1]


def _rows_of(frame: "DataFrame") -> Any:
    """Return a query's rows as Spark has planned them, an RDD of the JVM.

    The result of ``toRdd`` carries its plan, for Spark's web pages: a query that reads the table
    would draw the plans of all its sources, once for each place that reads it, millions of nodes.
    """
    return frame._jdf.queryExecution().executedPlan().execute()  # noqa: SLF001
