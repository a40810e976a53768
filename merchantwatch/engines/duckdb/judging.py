"""One pass over sources: their rows judged chunk by chunk, whichever source they are of."""

from collections.abc import Iterable, Sequence
from typing import Any

from merchantwatch.engines import Pass, Seen, Told
from merchantwatch.engines.duckdb.sources import CHUNK_ROWS, read
from merchantwatch.engines.duckdb.waiting import Alike, Waiting
from merchantwatch.errors import InputError
from merchantwatch.reading import Source, is_text, sound_in
from merchantwatch.reading.arrow import number

_KEPT_ROWS = 1 << 15
"""Rows that matter are kept so many at a time, while the next are read."""

_BITS_OF_A_ROW = 47
"""A row's number has no more, whatever one row is divided into."""


class Judging:
    """One pass over sources, chunk by chunk.

    Rows wait until there are enough of them to be worth a query, whichever source they are of. A
    chunk's rows are judged at once, and those that matter wait once more, as they were read, for a
    query for all their fields.
    """

    def __init__(self, connection: Any, over: Pass) -> None:
        self._connection, self._over = connection, over
        self._at_once = [portion for portion in over.portions if portion[0] != "kept"]
        asked = [columns for _, columns, _ in self._at_once]
        asked += [[which] for _, _, which in over.portions if which]
        self._asked = ", ".join(dict.fromkeys(name for names in asked for name in names))
        self._read = Waiting(CHUNK_ROWS, self._judge)
        self._matter = Waiting(_KEPT_ROWS, self._keep)

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
        """Judge and keep all that waits."""
        self._read.finish()
        self._matter.finish()

    def judge_whole(self, source: Source) -> None:
        """Judge the rows of the relation as it stands, all at once."""
        several = self._over.several is not None
        query = self._over.query(Seen(several=several, cut=source.zeroed))
        for table, columns, which in self._over.portions:
            self._add(table, columns, query, which)

    def _judge(self, rows: Any, alike: Alike) -> None:
        """Give the tables what they take of rows at once, and let those that matter wait."""
        query = f"select {self._asked} from ({self._query(rows, alike)})"
        self._run(f"create or replace temp table just_judged as {query}")
        for table, columns, which in self._at_once:
            self._add(table, columns, "select * from just_judged", which)
        if self._over.kept:
            matter = "select source, source_row from just_judged where matters"
            found = self._connection.sql(matter).to_arrow_table()
            if len(found):
                self._matter.add(_among(rows, found), alike)

    def _keep(self, rows: Any, alike: Alike) -> None:
        self._add("kept", self._over.kept, self._query(rows, alike), "")

    def _query(self, rows: Any, alike: Alike) -> str:
        """Return the pass's query, with these rows as its relation."""
        self._connection.register(self._over.relation, rows)
        several = _holds_several(rows, self._over.several)
        return self._over.query(Seen(_types(rows.schema), several, alike.cut, alike.sound))

    def _add(self, table: str, columns: Sequence[str], query: str, which: str) -> None:
        where = f" where {which}" if which else ""
        self._run(f"insert into {table} by name select {', '.join(columns)} from ({query}){where}")

    def _forget(self, told: Told) -> None:
        """Drop what an earlier attempt at a source has left."""
        self._matter.forget(told)
        if self._read.forget(told):
            for table, _, _ in self._over.portions:
                self._run(f"delete from {table} where source = {told.number}")

    def _run(self, statement: str) -> None:
        self._connection.execute(statement).fetchall()


def _among(rows: Any, found: Any) -> Any:
    """Return those of the rows that were found, which may stand in any order."""
    from pyarrow import compute

    return rows.filter(compute.is_in(_numbers(rows), value_set=_numbers(found).combine_chunks()))


def _numbers(rows: Any) -> Any:
    """Return a number for each row, whichever source it is of."""
    import pyarrow as pa
    from pyarrow import compute

    first = compute.shift_left(rows["source"].cast(pa.int64()), number(_BITS_OF_A_ROW))
    return compute.bit_wise_or(first, rows["source_row"])


def _types(schema: Any) -> dict[int, Any]:
    """Return the types of the columns ``c<position>`` by position."""
    names = [name for name in schema.names if name[0] == "c"]
    return {int(name[1:]): schema.field(name).type for name in names}


def _holds_several(rows: Any, told: tuple[str, str] | None) -> bool:
    """Say whether a cell of a column has the sign that joins several in one."""
    from pyarrow import compute

    if told is None or not is_text(rows[told[0]].type):
        return False
    return bool(compute.any(compute.match_substring(rows[told[0]], told[1])).as_py())
