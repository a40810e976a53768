"""Engines open sources and run SQL over them. They know nothing of rules."""

from typing import Any, Protocol

from merchantwatch.errors import UsageError
from merchantwatch.reading import Source, Wanted

__all__ = ["Engine", "open_engine"]


class Engine(Protocol):
    """What the pipeline needs of an engine."""

    name: str

    def open(self, source: Source, wanted: Wanted, name: str, then: str = "") -> None:
        """Make a source a relation of this name, and run the statement ``then`` over it.

        A text file is read once: ``then`` sees its rows as they come by.

        The relation has the wanted columns as ``c<position>``, text trimmed and null where it
        means nothing, and ``source_row``.
        Of a text file's moments ``c<position>`` is the timestamp, and ``c<position>_rest`` holds
        the cells that are none, or none written in full. Raises InputError when the source turns
        out unreadable.
        """

    def run(self, sql: str) -> None:
        """Run one statement that returns nothing."""

    def table(self, sql: str) -> Any:
        """Return a query's result as a pyarrow Table."""

    def batches(self, sql: str) -> Any:
        """Return a query's result as a pyarrow RecordBatchReader."""

    def close(self) -> None:
        """Release what the engine holds, its temporary files too."""


def open_engine(name: str, memory: str, threads: int | None) -> Engine:
    """Return a fresh engine. Raises UsageError for one that is not there."""
    if name != "duckdb":
        raise UsageError(
            f"--engine {name}: not built yet; duckdb is", f"--engine {name}：尚未支持，可用 duckdb"
        )
    from merchantwatch.engines.duckdb import DuckDBEngine

    return DuckDBEngine(memory, threads)
