"""One pass over sources: their rows judged chunk by chunk, whichever source they are of."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from merchantwatch.engines import APART, Pass, Seen, Told
from merchantwatch.engines.duckdb.database import Database
from merchantwatch.engines.duckdb.sources import CHUNK_ROWS, read
from merchantwatch.engines.duckdb.waiting import Alike, Waiting
from merchantwatch.errors import InputError
from merchantwatch.reading import Source, is_text, sound_in
from merchantwatch.reading.arrow import number

_FEW_ROWS = 1 << 14
"""For so few rows one query for all that any table takes costs less than one for each table."""

_CHOSEN_ROWS = 1 << 16
"""Of the rows that a table takes some of, so many are taken at a time."""


class Judging:
    """One pass over sources, chunk by chunk.

    Rows wait until there are enough of them to be worth a query, whichever source they are of. A
    chunk's rows are judged at once, and those that another table takes wait once more, as they were
    read, for a query for what it takes of them.
    """

    def __init__(self, database: Database, over: Pass) -> None:
        self._database, self._over = database, over
        self._queries: dict[tuple[Alike, bool], str] = {}
        (self._all,) = (portion for portion in over.portions if not portion[2])
        self._some = {table: which for table, _, which in over.portions if which}
        self._read = Waiting(CHUNK_ROWS, self._judge)
        self._chosen = {
            table: Waiting(_CHOSEN_ROWS, partial(self._take, table, columns))
            for table, columns, which in over.portions
            if which
        }

    def read(self, source: Source, told: Told) -> None:
        """Read a source, whose rows are judged now or later; when it breaks off, nothing stays."""

        def load(batches: Iterable[Any]) -> None:
            self._forget(told)
            for batch in batches:
                alike = Alike(batch.schema, source.zeroed, sound_in(batch.schema))
                self._read.add(batch, alike)

        try:
            read(source, self._over.wanted, told, load)
        except InputError:
            self._forget(told)
            raise

    def finish(self) -> None:
        """Judge and take all that waits."""
        self._read.finish()
        for chosen in self._chosen.values():
            chosen.finish()

    def judge_whole(self, source: Source) -> None:
        """Judge the rows of the relation as it stands, all at once."""
        several = self._over.several is not None
        self._judge_at_once(self._over.query(Seen(several=several, cut=source.zeroed)))

    def _judge_at_once(self, query: str) -> None:
        """Give every table what it takes."""
        taken = (column for _, columns, _ in self._over.portions for column in columns)
        self._judged([*taken, *self._some.values()], query)
        for table, columns, which in self._over.portions:
            self._add(table, columns, "select * from just_judged", which)

    def _judge(self, rows: Any, alike: Alike) -> None:
        """Keep what is kept of all rows, and let those that other tables take wait."""
        if len(rows) <= _FEW_ROWS:
            self._judge_at_once(self._query(rows, alike))
            return
        table, columns, _ = self._all
        self._judged([*columns, *self._some.values()], self._query(rows, alike))
        self._add(table, columns, "select * from just_judged", "")
        for name, which in self._some.items():
            chosen = f"select source, source_row from just_judged where {which}"
            found = self._database.table(chosen)
            if len(found):
                self._chosen[name].add(_among(rows, found), alike)

    def _judged(self, asked: Iterable[str], query: str) -> None:
        """Judge rows, and keep for a moment what is asked of them."""
        columns = ", ".join(dict.fromkeys(asked))
        self._database.run(
            f"create or replace temp table just_judged as select {columns} from ({query})"
        )

    def _take(self, table: str, columns: Sequence[str], rows: Any, alike: Alike) -> None:
        """Give a table what it takes of the rows that it is to have."""
        self._add(table, columns, self._query(rows, alike), self._some[table])

    def _query(self, rows: Any, alike: Alike) -> str:
        """Return the pass's query, with these rows as its relation."""
        self._database.register(self._over.relation, rows)
        several = _holds_several(rows, self._over.several, alike.sound)
        if (alike, several) not in self._queries:
            seen = Seen(_types(rows.schema), several, alike.cut, alike.sound)
            self._queries[alike, several] = self._over.query(seen)
        return self._queries[alike, several]

    def _add(self, table: str, columns: Sequence[str], query: str, which: str) -> None:
        where = f" where {which}" if which else ""
        self._database.run(
            f"insert into {table} by name select {', '.join(columns)} from ({query}){where}"
        )

    def _forget(self, told: Told) -> None:
        """Drop what an earlier attempt at a source has left."""
        for chosen in self._chosen.values():
            chosen.forget(told)
        if self._read.forget(told):
            for table, _, _ in self._over.portions:
                self._database.run(f"delete from {table} where source = {told.number}")


def _among(rows: Any, found: Any) -> Any:
    """Return those of the rows that were found, or something made of them, in whatever order."""
    from pyarrow import compute

    return rows.filter(compute.is_in(_numbers(rows), value_set=_numbers(found).combine_chunks()))


def _numbers(rows: Any) -> Any:
    """Return a number for each row of a source, whichever source it is."""
    import pyarrow as pa
    from pyarrow import compute

    first = compute.multiply(rows["source"].cast(pa.int64()), number(APART))
    return compute.bit_wise_or(first, compute.bit_wise_and(rows["source_row"], number(APART - 1)))


def _types(schema: Any) -> dict[int, Any]:
    """Return the types of the columns ``c<position>`` by position."""
    names = [name for name in schema.names if name[0] == "c"]
    return {int(name[1:]): schema.field(name).type for name in names}


def _holds_several(rows: Any, told: tuple[str, str] | None, sound: frozenset[int]) -> bool:
    """Say whether a cell of a column has the sign that joins several in one."""
    from pyarrow import compute

    if told is None or int(told[0][1:]) in sound or not is_text(rows[told[0]].type):
        return False
    return bool(compute.any(compute.match_substring(rows[told[0]], told[1])).as_py())
