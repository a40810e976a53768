"""The embedded engine: DuckDB, within a bounded memory, spilling to a temporary folder."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from merchantwatch.engines import Pass
from merchantwatch.errors import InputError, UsageError
from merchantwatch.reading import Source, TextSource, Wanted, is_text, release_unused

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}

_READING_SHARE = 0.3
"""The share of the memory that reading takes; the database may use the rest."""

_CHUNK_ROWS = 1 << 17
"""Rows that are judged at a time: enough that planning a query costs little."""

_KEPT_ROWS = 1 << 15
"""Rows that matter are kept so many at a time, while the next are read."""


class DuckDBEngine:
    """One in-memory DuckDB database, for one run."""

    name = "duckdb"

    def __init__(self, memory: str, threads: int | None) -> None:
        import duckdb

        self._spill = Path(tempfile.mkdtemp(prefix="merchantwatch-"))
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": f"{int(_bytes(memory) * (1 - _READING_SHARE))}B",
                "temp_directory": str(self._spill),
                "preserve_insertion_order": False,
                # Else a commit of many rows compresses all tables, which takes longer than judging.
                "checkpoint_threshold": "1TB",
                # Whatever a pack or a header says, nothing is ever fetched for it.
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                **({"threads": threads} if threads else {}),
            },
        )
        self._release = weakref.finalize(self, _release, self._connection, self._spill)
        self._run("set enable_progress_bar = false")

    def open(self, source: Source, wanted: Wanted, name: str) -> None:
        """Make a source a relation of this name."""
        if isinstance(source, TextSource):
            source.read_into(wanted, lambda batches: self._load(name, wanted, batches))
        else:
            self._load(name, wanted, source.batches(wanted))

    def _load(self, name: str, wanted: Wanted, batches: Iterable[Any]) -> None:
        """Fill a table with a source's rows, in place of those of an earlier attempt."""
        cells = ", ".join(f"cast(null as varchar) as c{index}" for index in wanted.columns)
        nothing = f"select {cells}, cast(0 as bigint) as source_row limit 0"
        self._run(f"create or replace table {name} as {nothing}")
        for place, chunk in enumerate(_chunks(batches)):
            self._connection.register("chunk", chunk)
            into = f"insert into {name}" if place else f"create or replace table {name} as"
            self._run(f"{into} select * from chunk")
            self._connection.unregister("chunk")

    def judge(self, source: Source, wanted: Wanted, over: Pass) -> None:
        """Make one pass over a source, chunk by chunk; of a broken-off attempt nothing stays."""
        judging = _Judging(self._connection, over)
        try:
            if over.whole:
                self.open(source, wanted, over.relation)
                judging.judge_whole()
            elif isinstance(source, TextSource):
                source.read_into(wanted, judging.judge)
            else:
                judging.judge(source.batches(wanted))
        except InputError:
            judging.forget()
            raise
        release_unused()

    def create(self, name: str, query: str) -> None:
        """Keep a query's result as a table."""
        self._run(f"create table {name} as {query}")

    def add(self, name: str, query: str) -> None:
        """Add a query's result to a table that is kept."""
        self._run(f"insert into {name} by name {query}")

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        self._run(f"create or replace view {name} as {query}")

    def table(self, query: str) -> Any:
        """Return a query's result as a pyarrow Table."""
        return self._connection.sql(query).to_arrow_table()

    def batches(self, query: str) -> Any:
        """Return a query's result as a pyarrow RecordBatchReader."""
        return self._connection.sql(query).to_arrow_reader()

    def close(self) -> None:
        """Close the database and remove its temporary folder."""
        self._release()

    def _run(self, statement: str) -> None:
        self._connection.execute(statement).fetchall()


class _Judging:
    """One pass over a source, chunk by chunk.

    A chunk's rows are judged at once, and only the rows that matter wait, as they were read, until
    there are enough of them to be worth a query for all their fields.
    """

    def __init__(self, connection: Any, over: Pass) -> None:
        self._connection, self._over = connection, over
        self._keeps = bool(over.kept)
        self._at_once = [portion for portion in over.portions if portion[0] != "kept"]
        asked = [columns for _, columns, _ in self._at_once] + [
            [which] for _, _, which in over.portions if which
        ]
        self._asked = ", ".join(dict.fromkeys(name for names in asked for name in names))
        self._waiting: dict[Any, list[Any]] = {}

    def judge(self, batches: Iterable[Any]) -> None:
        """Judge the rows of batches; when these break off, nothing of them stays."""
        self.forget()
        for chunk in filter(len, _chunks(batches)):
            judged = self._judge(chunk)
            if self._keeps:
                self._wait(_mattering(chunk, judged))
        self._keep_all()

    def judge_whole(self) -> None:
        """Judge the rows of the relation as it stands, all at once."""
        query = self._over.query(None, self._over.several is not None)
        for table, columns, which in self._over.portions:
            self._add(table, columns, query, which)

    def _judge(self, rows: Any) -> Any:
        """Return what is asked of rows, once the tables have what they take of each."""
        judged = self._connection.sql(
            f"select {self._asked} from ({self._query(rows)})"
        ).to_arrow_table()
        self._connection.register("judged_rows", judged)
        for table, columns, which in self._at_once:
            self._add(table, columns, "select * from judged_rows", which)
        self._connection.unregister("judged_rows")
        return judged

    def _add(self, table: str, columns: Sequence[str], query: str, which: str) -> None:
        where = f" where {which}" if which else ""
        self._run(f"insert into {table} by name select {', '.join(columns)} from ({query}){where}")

    def _wait(self, rows: Any) -> None:
        waiting = self._waiting.setdefault(rows.schema, [])
        waiting.append(rows)
        if sum(len(some) for some in waiting) >= _KEPT_ROWS:
            self._keep(rows.schema)

    def _keep_all(self) -> None:
        for schema in list(self._waiting):
            self._keep(schema)

    def _keep(self, schema: Any) -> None:
        """Add the rows that wait to ``kept``."""
        import pyarrow as pa

        rows = pa.concat_tables(self._waiting.pop(schema)).combine_chunks()
        self._add("kept", self._over.kept, self._query(rows), "")

    def forget(self) -> None:
        """Drop what an earlier attempt at the source has left."""
        self._waiting.clear()
        for table, _, _ in self._over.portions:
            self._run(f"delete from {table} where source = {self._over.number}")

    def _query(self, rows: Any) -> str:
        """Return the pass's query, with these rows as its relation."""
        self._connection.register(self._over.relation, rows)
        return self._over.query(_types(rows.schema), _holds_several(rows, self._over.several))

    def _run(self, statement: str) -> None:
        self._connection.execute(statement).fetchall()


def _mattering(rows: Any, judged: Any) -> Any:
    """Return the rows that matter; once judged, they stand in any order."""
    from pyarrow import compute

    numbers = judged["source_row"].filter(judged["matters"]).combine_chunks()
    return rows.filter(compute.is_in(rows["source_row"], value_set=numbers))


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


def _chunks(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield batches of one schema together, as tables of about so many rows as pay."""
    import pyarrow as pa

    held: dict[Any, list[Any]] = {}
    for batch in batches:
        waiting = held.setdefault(batch.schema, [])
        waiting.append(batch)
        if sum(len(one) for one in waiting) >= _CHUNK_ROWS:
            yield pa.Table.from_batches(held.pop(batch.schema))
    for waiting in held.values():
        yield pa.Table.from_batches(waiting)


def _bytes(memory: str) -> int:
    """Return ``1GB`` as a number of bytes. Raises UsageError for anything else."""
    match = _SIZE.fullmatch(memory.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(
            f"--memory {memory}: write it like 1GB or 800MB",
            f"--memory {memory}：请写成 1GB 或 800MB 这样的大小",
        )
    return int(float(match[1]) * _UNITS[match[2].upper()])


def _release(connection: Any, spill: Path) -> None:
    connection.close()
    shutil.rmtree(spill, ignore_errors=True)
