"""Engines run SQL over sources. They know nothing of rules."""

from collections.abc import Callable
from typing import Any, Protocol

from merchantwatch.errors import UsageError
from merchantwatch.reading import Columns, Source

__all__ = ["Engine", "open_engine"]


class Engine(Protocol):
    """What the pipeline needs of an engine."""

    name: str

    def load(self, source: Source, columns: Columns, insert: Callable[[str], str]) -> None:
        """Run ``insert(relation)`` over a source.

        The relation has the columns at these positions as ``c<position>``, text without what is
        to be trimmed off it, and ``source_row``.
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
