"""One pass over sources: rows are judged in chunks that may span several sources."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from merchantwatch.engines import ROW_STRIDE, ColumnFacts, Pass, Portion, SourceInfo, facts_of
from merchantwatch.engines.duckdb.database import Database
from merchantwatch.engines.duckdb.sources import chunk_rows, read
from merchantwatch.engines.duckdb.waiting import BatchKey, Waiting
from merchantwatch.errors import InputError
from merchantwatch.reading import Source, is_text, sound_in
from merchantwatch.reading.arrow import Batch, Column, Kind, Schema, Table, number

_FEW_ROWS = 1 << 14
"""For at most this many rows one query for all tables costs less than two."""

_MATTERING_ROWS = 1 << 17
"""How many relevant rows are inserted at a time where nothing is joined."""


class Judging:
    """One pass over sources, chunk by chunk.

    Rows of all sources are collected until there are enough for a query. A chunk is judged at once
    for the tables with few columns. Its rows that matter are collected again, as they were read,
    for a query for all their fields.
    """

    def __init__(self, database: Database, over: Pass) -> None:
        self._database, self._over = database, over
        self._queries: dict[object, str] = {}
        self._facts: dict[int, ColumnFacts] = {}
        self._lean = [portion for portion in over.portions if portion.table != "relevant"]
        enough = chunk_rows(database.memory, joins=over.joins)
        self._read = Waiting(enough, self._judge)
        self._mattering = Waiting(enough if over.joins else _MATTERING_ROWS, self._insert_relevant)

    def read(self, source: Source, info: SourceInfo) -> None:
        """Read a source, whose rows are judged now or later; if it fails, nothing is stored."""

        def load(batches: Iterable[Batch]) -> None:
            self._forget(info)
            for batch in batches:
                key = BatchKey(batch.schema, source.zeroed, sound_in(batch.schema), source.styles)
                # Again for each batch: a query tests only for what has occurred so far.
                self._facts[info.number] = facts_of(source)
                self._read.add(batch, key)

        try:
            read(source, self._over.wanted, info, load)
        except InputError:
            self._forget(info)
            raise

    def finish(self) -> None:
        """Judge and store all rows that are still collected."""
        self._read.finish()
        self._mattering.finish()

    def judge_whole(self, source: Source) -> None:
        """Judge all rows of the relation at once."""
        facts = replace(facts_of(source), several=self._over.several is not None)
        self._give(self._over.portions, self._over.query(facts))

    def judge_relation(self, rows: Table) -> None:
        """Judge cached rows at once: without facts about them, the query makes all tests."""
        self._database.register(self._over.relation, rows)
        self._give(self._over.portions, self._over.query(ColumnFacts()))
        self._database.unregister(self._over.relation)

    def _judge(self, rows: Table, key: BatchKey) -> None:
        """Store what the lean tables take of all rows, and collect the rows that matter."""
        query = self._query(rows, key)
        # All fields of a row cost far more than its few flags: of many rows, only those that matter
        # are given them, by a second query over these alone.
        if len(rows) <= _FEW_ROWS or not self._over.relevant:
            self._give(self._over.portions, query)
            return
        self._give(self._lean, query, "matters")
        mattering = self._database.table("select source, source_row from just_judged where matters")
        if len(mattering):
            self._mattering.add(_among(rows, mattering), key)

    def _insert_relevant(self, rows: Table, key: BatchKey) -> None:
        """Store all fields of rows that matter; of a row with several lines some may not matter."""
        query = self._query(rows, key)
        # A row that holds several lines comes whole; of its lines only those that matter are
        # stored.
        which = "matters" if self._holds_several(rows, key) else ""
        self._insert(Portion("relevant", self._over.relevant, which), f"({query}) as judged")

    def _give(self, portions: Sequence[Portion], query: str, *besides: str) -> None:
        """Judge rows once, and store in each table what it takes of them."""
        # A table, not a view: each insert would judge the rows again.
        taken = [name for portion in portions for name in portion.columns]
        conditions = [portion.which for portion in portions if portion.which]
        columns = ", ".join(dict.fromkeys([*taken, *conditions, *besides]))
        self._database.run(
            f"create or replace temp table just_judged as select {columns} from ({query})"
        )
        for portion in portions:
            self._insert(portion, "just_judged")

    def _insert(self, portion: Portion, judged: str) -> None:
        table, columns, which = portion
        where = f" where {which}" if which else ""
        taken = f"select {', '.join(columns)} from {judged}{where}"
        self._database.run(f"insert into {table} by name {taken}")

    def _query(self, rows: Table, key: BatchKey) -> str:
        """Return the pass's query, with these rows as its relation."""
        self._database.register(self._over.relation, rows)
        several = self._holds_several(rows, key)
        known = self._facts_of_all()
        like = (key, several, known)
        if like not in self._queries:
            types = _types(rows.schema)
            facts = replace(known, types=types, several=several, cut=key.cut, sound=key.sound)
            self._queries[like] = self._over.query(replace(facts, styles=key.styles))
        return self._queries[like]

    def _facts_of_all(self) -> ColumnFacts:
        """Return the facts about all sources so far, as far as they hold for each of them."""
        # A chunk may hold rows of any source read so far: what some have shown, any may hold, and
        # a test is left out only if no source needs it.
        of_sources = self._facts.values()
        shapes = frozenset[tuple[int, str]]().union(*(one.shapes or () for one in of_sources))
        emptied = frozenset[int]().union(*(one.emptied or () for one in of_sources))
        plain = [one.plain or frozenset[int]() for one in of_sources]
        words = [dict(one.words) for one in of_sources]
        of_all = set(words[0]).intersection(*words) if words else set[int]()
        return ColumnFacts(
            shapes=shapes,
            emptied=emptied,
            plain=frozenset[int].intersection(*plain) if plain else frozenset(),
            words=frozenset((i, frozenset[str]().union(*(of[i] for of in words))) for i in of_all),
        )

    def _holds_several(self, rows: Table, key: BatchKey) -> bool:
        """Say whether a cell of a column has the separator of several lines in a row."""
        from pyarrow import compute

        if self._over.several is None:
            return False
        column, sign = self._over.several
        # A sound column holds digits alone, and so no separator.
        if int(column[1:]) in key.sound or not is_text(rows[column].type):
            return False
        return bool(compute.any(compute.match_substring(rows[column], sign)).as_py())

    def _forget(self, info: SourceInfo) -> None:
        """Drop what an earlier attempt at a source has left."""
        # Rows that still wait are dropped cheaply; tables are searched only if some were stored.
        self._mattering.forget(info)
        if self._read.forget(info):
            for portion in self._over.portions:
                self._database.run(f"delete from {portion.table} where source = {info.number}")


def _among(rows: Table, found: Table) -> Table:
    """Return the rows of which ``found`` names the row or one of its lines."""
    from pyarrow import compute

    return rows.filter(compute.is_in(_numbers(rows), value_set=_numbers(found).combine_chunks()))


def _numbers(rows: Table) -> Column:
    """Return a number for each row of a source, whichever source it is."""
    import pyarrow as pa
    from pyarrow import compute

    first = compute.multiply(rows["source"].cast(pa.int64()), number(ROW_STRIDE))
    return compute.bit_wise_or(
        first, compute.bit_wise_and(rows["source_row"], number(ROW_STRIDE - 1))
    )


def _types(schema: Schema) -> dict[int, Kind]:
    """Return the types of the columns ``c<position>`` by position."""
    names = [name for name in schema.names if name[0] == "c"]
    return {int(name[1:]): schema.field(name).type for name in names}
