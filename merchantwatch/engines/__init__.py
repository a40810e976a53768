"""Engines open sources and run SQL over them. They know nothing of rules."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from merchantwatch.errors import UsageError
from merchantwatch.reading import UNDECIDED, FoundFile, Source, Styles, Wanted
from merchantwatch.reading.arrow import Batches, Kind, Table

__all__ = [
    "APART",
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

APART = 1 << 40
"""How far apart the numbers of the rows stand that a query makes of one row of a source."""


@dataclass(frozen=True)
class SourceInfo:
    """Source info that every row gets: the source's number, and its shop if it has one.

    ``taken`` is called with the number of rows of each batch, by an engine that reads here.
    """

    number: int
    shop: str | None
    taken: Callable[[int], None] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class ColumnFacts:
    """Facts about the columns of a relation that are known before a query is built for it.

    ``types`` are the Arrow types of its columns (None: those that the source has); ``several`` says
    whether some row holds several in one, ``cut`` are the columns in which Excel has cut all ids,
    ``sound`` those that need no test. ``shapes`` are the ways in which the moments of its columns
    are written, ``emptied`` the columns with words for no moment, ``plain`` those in which all
    amounts are plain, ``styles`` what all cells of a column have decided; None where that was not
    examined. ``words`` are all words of the columns that hold few.
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
    looks = source.looks
    if looks is None:
        return ColumnFacts(cut=source.zeroed)
    return ColumnFacts(
        cut=source.zeroed,
        shapes=frozenset(looks.shapes),
        emptied=frozenset(index for index, _ in looks.emptied),
        plain=looks.plain,
        styles=source.styles,
        words=frozenset((i, few) for i, few in dict(looks.words).items() if few is not None),
    )


class Portion(NamedTuple):
    """What a table takes of the rows of a pass: columns, and of which rows; "": of all."""

    table: str
    columns: Sequence[str]
    which: str = ""


@dataclass(frozen=True)
class Pass:
    """One pass over the rows of sources with the same columns.

    ``wanted`` is read of each. ``query`` gives the SQL over the relation ``relation``, for the
    facts about its columns; a sign in a column shows that a row holds several (``several``). The
    table ``states`` takes the columns ``states`` of every row of the result, ``relevant`` the
    columns ``relevant`` of the rows where ``matters`` is true, ``upcoming`` the columns
    ``upcoming`` of those where ``is_upcoming`` is true, and ``unsettled`` those of rows that
    another run may have to judge again. Rows are processed one by one, unless the query compares
    them and so needs a ``whole`` source. A first reading gives its columns to another ``table``,
    and nothing to the other tables.
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
    table: str = "states"

    @property
    def portions(self) -> tuple[Portion, ...]:
        """What each table takes of the rows."""
        some = (
            Portion("upcoming", self.upcoming, "is_upcoming"),
            Portion("unsettled", self.unsettled, "unsettled"),
            Portion("relevant", self.relevant, "matters"),
        )
        return (Portion(self.table, self.states), *(one for one in some if one.columns))


class Engine(Protocol):
    """What the pipeline needs of an engine.

    A source becomes a relation with the wanted columns as ``c<position>``, text trimmed and null
    where it means nothing, ``source_row``, and its source info, ``source`` and ``own_shop``.
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
        """Keep a query's result as a table."""

    def empty(self, name: str, query: str) -> None:
        """Keep a table that has the columns of a query which gives no row."""

    def add(self, name: str, query: str) -> None:
        """Add a query's result to a table."""

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""

    def names(self) -> frozenset[str]:
        """Return the names of all tables and views that are there."""

    def table(self, query: str) -> Table:
        """Return a query's result as a pyarrow Table."""

    def batches(self, query: str) -> Batches:
        """Return a query's result as a pyarrow RecordBatchReader."""

    def close(self) -> None:
        """Release what the engine holds, its temporary files too."""


@runtime_checkable
class Embedded(Protocol):
    """An engine in this process can also take rows that another run has cached."""

    def take(self, rows: Table, name: str, query: str) -> None:
        """Add to a table what a query makes of a pyarrow Table, which it calls ``chunk``."""

    def ask(self, rows: Table, name: str, query: str) -> Table:
        """Return what a query gives that calls the rows of a pyarrow Table by a name."""

    def judge_rows(self, rows: Table, over: Pass) -> None:
        """Make a pass over the rows of a pyarrow Table, as its relation."""


@runtime_checkable
class Distributed(Protocol):
    """What an engine of many machines can do besides."""

    def find(self, address: str) -> Sequence[tuple[FoundFile, Source]]:
        """Return the files and tables at an address.

        Raises InputError where nothing is there, or it cannot be read.
        """

    def write(self, query: str, target: Path | str, by: str) -> None:
        """Write a query's result as a folder of Parquet files, parted by a column.

        Raises OutputError when that fails, or what stands there is not an earlier result.
        """


def open_engine(name: str, memory: str, threads: int | None, thrifty: str | None = None) -> Engine:
    """Return a fresh engine, by ``duckdb`` or ``spark[=MASTER]``.

    One that is embedded uses no more than ``memory``, and no more than ``thrifty`` while it can.
    Raises UsageError for one that is not there.
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
