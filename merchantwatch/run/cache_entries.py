"""Cache entries of exports: how they are written, and what of them is still valid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from merchantwatch.engines import Engine
from merchantwatch.pipeline import cache_keys
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import Export, remembered
from merchantwatch.reading.arrow import Cells, Flags, Schema, Table, number, numbers

_WORTH_WRITING = 20
"""If one row in this many was judged again, the cache entry of an export is rewritten."""


class Entry(msgspec.Struct):
    """The cache entry of an export: tables, each an Arrow stream, and what reading found out.

    ``expires`` is when the first row may change that is not stored in full, in seconds like
    ``expires_at``; ``unsettled`` are the rows that are stored in full.
    """

    source: memoryview
    expires: int
    tables: dict[str, memoryview]
    unsettled: memoryview


@dataclass
class Held:
    """An entry of an export as it was written: ``unsettled`` are rows that are held in full."""

    export: Export
    name: str
    tables: dict[str, Table]
    unsettled: Table
    source: memoryview

    @property
    def rows(self) -> int:
        """How many rows it has in all."""
        return len(self.tables["states"])

    def fits(self, schemas: Mapping[str, Schema]) -> bool:
        """Say whether its tables are those of this run, as ``schemas`` returns them."""
        found = {"unsettled": self.unsettled.schema}
        return schemas == found | {of: rows.schema for of, rows in self.tables.items()}


@dataclass
class Found:
    """The cache entry found for an export: what is taken over, and the rows to be judged again.

    Of ``states`` only the rows that turn later still hold, of the other tables all rows. Where so
    many are judged again that the entry is worn, ``unsettled`` are the other rows that it holds in
    full, for the entry that replaces it.
    """

    export: Export
    name: str
    tables: dict[str, Table]
    again: Table
    unsettled: Table | None

    @property
    def rows(self) -> int:
        """How many rows it has in all."""
        return len(self.tables["states"])


def held(data: memoryview, export: Export, name: str, as_of: datetime) -> Held | None:
    """Return an entry; None where something has turned by then that it does not hold in full.

    Raises MsgspecError, ValueError, KeyError or OSError where it is no such entry.
    """
    entry = msgspec.msgpack.decode(data, type=Entry)
    if entry.expires <= cache_keys.in_seconds(as_of):
        return None
    tables = {of: _table(stream) for of, stream in entry.tables.items()}
    return Held(export, name, tables, _table(entry.unsettled), entry.source)


def schemas(engine: Engine, lines: Lines, plan: Plan) -> dict[str, Schema]:
    """Return the Arrow schemas of the tables of an entry, by name, as this run would write them."""
    import pyarrow as pa

    found = {
        name: engine.table(f"select {', '.join(of)} from {name} limit 0").schema
        for name, of in cache_keys.tables(lines, plan).items()
    }
    return {**found, "unsettled": pa.schema(list(found["unsettled"].field("again").type))}


def parted(one: Held, as_of: datetime, found: Table | None = None) -> Found:
    """Part what still holds of an export from what has turned by now.

    ``found`` is what each of its rows finds in joined exports now, in their order; where that is
    something else than before, the row has turned, too. Raises ValueError for an entry that lacks
    rows, or is none of its export.
    """
    from pyarrow import compute

    states, tables, now = one.tables["states"], {**one.tables}, cache_keys.in_seconds(as_of)
    has_turned = compute.less_equal(states["expires_at"], number(now))
    if found is not None:
        # A parcel or a case that joins a row now may say something else than it did when that was
        # stored.
        has_turned = compute.or_(has_turned, _is_otherwise(states, found))
        tables = {name: _with_found(rows, found) for name, rows in tables.items()}
        # Which rows of `states` still hold, the engine asks of this column alone.
        at = states["expires_at"]
        expires_at = compute.if_else(has_turned, number(now).cast(at.type), at)
        place = states.column_names.index("expires_at")
        tables["states"] = tables["states"].set_column(place, "expires_at", expires_at)
    turned = states["source_row"].filter(has_turned).combine_chunks()
    if len(turned):
        tables |= {of: _without(rows, turned) for of, rows in tables.items() if of != "states"}
    again = one.unsettled.filter(compute.is_in(one.unsettled["source_row"], value_set=turned))
    # A row that has turned and was not stored in full cannot be judged again: the entry is no good.
    if len(again) != len(turned):
        raise ValueError(one.name)
    remembered.put_back(one.export.source, one.source)
    is_worn = len(turned) * _WORTH_WRITING > len(states)
    others = _without(one.unsettled, turned) if is_worn else None
    return Found(one.export, one.name, tables, again, others)


def _is_otherwise(states: Table, found: Table) -> Flags:
    from pyarrow import compute

    if not states["source_row"].equals(found["source_row"]):
        raise ValueError("rows")
    return compute.not_equal(states["beside"], found["beside"])


def _with_found(rows: Table, found: Table) -> Table:
    """Return rows with the numbers by which this run knows what they have found."""
    from pyarrow import compute

    places = compute.index_in(rows["source_row"], value_set=found["source_row"].combine_chunks())
    for name in found.column_names:
        if name in rows.column_names and name not in ("source", "source_row", "beside"):
            place = rows.column_names.index(name)
            rows = rows.set_column(place, name, found[name].take(places))
    return rows


def together(found: Sequence[Found]) -> Iterator[tuple[str, Table]]:
    """Yield each table of a run that is taken over, with the rows of all these exports."""
    import pyarrow as pa

    for name in found[0].tables if found else ():
        parts = [numbered(one.tables[name], one.export) for one in found]
        yield name, pa.concat_tables(parts)
    for one in found:
        if (rows := one.unsettled) is not None:
            again = pa.Table.from_arrays(
                [rows["source_row"], rows.to_struct_array()], names=["source_row", "again"]
            )
            yield "unsettled", numbered(again, one.export)


def numbered(rows: Table, export: Export) -> Table:
    """Return the rows of an export with the number by which this run knows it."""
    source = numbers(export.number, len(rows))
    if "source" in rows.column_names:
        return rows.set_column(rows.column_names.index("source"), "source", source)
    return rows.add_column(0, "source", source)


def entries(
    engine: Engine, exports: Sequence[Export], lines: Lines, plan: Plan
) -> Iterator[tuple[Export, bytes]]:
    """Yield the entries of exports, whose rows are fetched together.

    Where they are held against what they find in joined exports, they stay in order.
    """
    which = {"sources": [e.number for e in exports], "ordered": bool(lines.joined)}
    fetched = {
        name: engine.table(stage("cached_rows", columns=of, table=name, **which))
        for name, of in cache_keys.tables(lines, plan).items()
    }
    for export in exports:
        tables = {name: _rows_of(rows, export) for name, rows in fetched.items()}
        yield export, _written(export, tables)


def _rows_of(rows: Table, export: Export) -> Table:
    from pyarrow import compute

    mine = rows.filter(compute.equal(rows["source"], number(export.number)))
    return mine.drop_columns(["source"])


def _written(export: Export, tables: Mapping[str, Table]) -> bytes:
    import pyarrow as pa
    from pyarrow import compute

    unsettled = pa.Table.from_struct_array(tables["unsettled"]["again"])
    settled = _without(tables["states"], unsettled["source_row"].combine_chunks())
    expires = compute.min(settled["expires_at"]).as_py()
    entry = Entry(
        memoryview(remembered.written(export.source)),
        cache_keys.never_expires() if expires is None else expires,
        {name: _stream(rows) for name, rows in tables.items() if name != "unsettled"},
        _stream(unsettled),
    )
    return msgspec.msgpack.encode(entry)


def _without(rows: Table, turned: Cells) -> Table:
    from pyarrow import compute

    return rows.filter(compute.invert(compute.is_in(rows["source_row"], value_set=turned)))


def _stream(table: Table) -> memoryview:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return memoryview(sink.getvalue())


def _table(stream: memoryview) -> Table:
    import pyarrow as pa

    return pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
