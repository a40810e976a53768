"""Engines open sources and run SQL over them. They know nothing of rules."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from merchantwatch.errors import UsageError
from merchantwatch.reading import UNDECIDED, FoundFile, Source, Styles, Wanted
from merchantwatch.reading.arrow import Batches, Kind, Table

__all__ = [
    "ROW_STRIDE",
    "ColumnFacts",
    "Distributed",
    "Embedded",
    "Engine",
    "Pass",
    "Portion",
    "SourceInfo",
    "facts_of",
    "open_engine",
]

ROW_STRIDE = 1 << 40
"""Added to the row number of each further line that a query makes of one row of a source."""


@dataclass(frozen=True)
class SourceInfo:
    """Source info that every row gets: the source's number, and its shop if it has one.

    ``taken`` is called with the number of rows of each batch, by engines that read in this process.
    """

    number: int
    shop: str | None
    taken: Callable[[int], None] | None = field(default=None, compare=False, repr=False)


class ColumnFacts(Struct, frozen=True):
    """Facts about the columns of a relation that are known before a query is built for it.

    ``types`` are the Arrow types of its columns (None: those of the source). ``several`` says
    whether a row may hold several lines, ``cut`` are the columns in which Excel has cut all ids,
    ``sound`` those that need no test. ``shapes`` are the ways in which times are written,
    ``emptied`` the columns with words for no time, ``plain`` those whose amounts are all plain;
    None if not examined. ``styles`` is what all cells of a column have decided, ``words`` all
    words of columns with few.
    """

    types: Mapping[int, Kind] | None = None
    several: bool = False
    cut: frozenset[int] = frozenset()
    sound: frozenset[int] = frozenset()
    shapes: frozenset[tuple[int, str]] | None = None
    emptied: frozenset[int] | None = None
    plain: frozenset[int] | None = None
    styles: Styles = UNDECIDED
    words: frozenset[tuple[int, frozenset[str]]] = frozenset()

    def words_of(self, index: int) -> frozenset[str] | None:
        """Return the words of a column; None where it may hold any."""
        return None if self.several else dict(self.words).get(index)


def facts_of(source: Source) -> ColumnFacts:
    """Return the facts about a source's columns that reading it has collected."""
    profile = source.profile
    if profile is None:
        return ColumnFacts(cut=source.zeroed)
    return ColumnFacts(
        cut=source.zeroed,
        shapes=frozenset(profile.shapes),
        emptied=frozenset(index for index, _ in profile.emptied),
        plain=profile.plain,
        styles=source.styles,
        words=frozenset((i, few) for i, few in dict(profile.words).items() if few is not None),
    )


class Portion(NamedTuple):
    """The part of a pass's rows that a table stores: columns, and a condition; "": all rows."""

    table: str
    columns: Sequence[str]
    which: str = ""


class Pass(Struct, frozen=True):
    """One pass over the rows of sources with the same columns.

    ``wanted`` is read from each. ``query`` gives the SQL over the relation ``relation``, for the
    facts about its columns. ``several`` is a column and the separator in it that shows that a row
    holds several lines. Table ``states`` stores its columns of every row, ``relevant`` of the rows
    where ``matters`` is true, ``upcoming`` of those where ``is_upcoming`` is, and ``unsettled`` of
    those that another run may have to judge again. Rows are processed independently, unless the
    query compares them and so needs a ``whole`` source. ``joins`` says that each query looks rows
    up in all parcels and cases. A first reading stores its columns in another ``table``, and
    nothing elsewhere.
    """

    wanted: Wanted
    relation: str
    query: Callable[[ColumnFacts], str]
    states: Sequence[str]
    relevant: Sequence[str] = ()
    upcoming: Sequence[str] = ()
    unsettled: Sequence[str] = ()
    several: tuple[str, str] | None = None
    whole: bool = False
    joins: bool = False
    table: str = "states"

    @property
    def portions(self) -> tuple[Portion, ...]:
        """The part of the rows that each table stores."""
        some = (
            Portion("upcoming", self.upcoming, "is_upcoming"),
            Portion("unsettled", self.unsettled, "unsettled"),
            Portion("relevant", self.relevant, "matters"),
        )
        return (Portion(self.table, self.states), *(one for one in some if one.columns))


class Engine(Protocol):
    """The operations that the pipeline needs.

    A source becomes a relation with the wanted columns as ``c<position>`` (text trimmed, null if
    it means "nothing"), ``source_row``, and its source info ``source`` and ``own_shop``.
    """

    name: str

    def open(self, source: Source, wanted: Wanted, name: str, info: SourceInfo) -> None:
        """Make a source a relation of this name.

        Raises InputError when the source turns out unreadable.
        """

    def judging(self, over: Pass) -> AbstractContextManager[Callable[[Source, SourceInfo], None]]:
        """Make one pass over sources; the function returned takes each of them.

        The results are in the tables of the pass once the context is left. A text file is read
        once, and need not stay in memory. Raises InputError when a source turns out unreadable;
        then nothing of it is added.
        """

    def create(self, name: str, query: str) -> None:
        """Store a query's result as a table."""

    def empty(self, name: str, query: str) -> None:
        """Create an empty table with the columns of a query; the query must give no row."""

    def add(self, name: str, query: str) -> None:
        """Add a query's result to a table."""

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""

    def names(self) -> frozenset[str]:
        """Return the names of all tables and views."""

    def table(self, query: str) -> Table:
        """Return a query's result as a pyarrow Table."""

    def batches(self, query: str) -> Batches:
        """Return a query's result as a pyarrow RecordBatchReader."""

    def close(self) -> None:
        """Release the engine's resources and temporary files."""


@runtime_checkable
class Embedded(Protocol):
    """An engine in this process, which can also take rows that another run has cached."""

    def take(self, rows: Table, name: str, query: str) -> None:
        """Add a query's result to a table; in the query ``chunk`` is the given pyarrow Table."""

    def hold(self, rows: Table, name: str, which: str) -> None:
        """Make a table a view that also has some of the rows of a pyarrow Table, read in place.

        ``which`` is the condition for them. Nothing can be added to the table afterwards.
        """

    def ask(self, rows: Table, name: str, query: str) -> Table:
        """Return a query's result; in the query ``name`` is the given pyarrow Table."""

    def judge_rows(self, rows: Table, over: Pass) -> None:
        """Make a pass over the rows of a pyarrow Table, as its relation."""


@runtime_checkable
class Distributed(Protocol):
    """An engine of many machines, which can also find and write files at addresses."""

    def find(self, address: str) -> Sequence[tuple[FoundFile, Source]]:
        """Return the files and tables at an address.

        Raises InputError where nothing is there, or it cannot be read.
        """

    def write(self, query: str, target: Path | str, by: str) -> None:
        """Write a query's result as a folder of Parquet files, partitioned by a column.

        Raises OutputError when that fails, or something else than an earlier result is there.
        """


def open_engine(name: str, memory: str, threads: int | None, thrifty: str | None = None) -> Engine:
    """Return a fresh engine, by ``duckdb`` or ``spark[=MASTER]``.

    An embedded one uses at most ``memory``, and at most ``thrifty`` as long as that is enough.
    Raises UsageError for an unknown name.
    """
    kind, _, master = name.partition("=")
    if kind == "spark":
        from merchantwatch.engines.spark import SparkEngine

        return SparkEngine(master or None, threads)
    if name != "duckdb":
        raise UsageError(
            f"--engine {name}: duckdb or spark[=MASTER]",
            f"--engine {name}：可用 duckdb 或 spark[=MASTER]",
        )
    from merchantwatch.engines.duckdb import DuckDBEngine

    return DuckDBEngine(memory, threads, thrifty)
