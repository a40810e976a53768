"""Cache entries of exports: how they are encoded, and what of them is still valid."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from merchantwatch.engines import Engine
from merchantwatch.pipeline import cache_keys
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import Export, remembered
from merchantwatch.reading.arrow import Cells, Flags, Schema, Table, number, numbers
from merchantwatch.run.entry_bytes import Entry, unpacked

_REWRITE_FROM = 20
"""If more than one row in this many has expired, the cache entry of an export is rewritten."""


class StoredEntry(Struct):
    """A decoded entry of an export: ``unsettled`` are the rows that it stores in full."""

    export: Export
    name: str
    tables: dict[str, Table]
    unsettled: Table
    source: bytes

    @property
    def rows(self) -> int:
        """How many rows of the export it stores."""
        return len(self.tables["states"])

    def fits(self, schemas: Mapping[str, Schema]) -> bool:
        """Say whether its tables have the columns that this run expects (``schemas``)."""
        found = {"unsettled": self.unsettled.schema}
        return schemas == found | {of: rows.schema for of, rows in self.tables.items()}


class Reusable(Struct):
    """What is reused of an entry (``tables``), and the rows to be judged ``again``.

    ``states`` has all rows, of which those hold that expire later; the other tables have only rows
    that hold. If so many rows have expired that the entry is rewritten, ``unsettled`` are the rows
    stored in full that still hold, for the entry that replaces it.
    """

    export: Export
    name: str
    tables: dict[str, Table]
    again: Table
    unsettled: Table | None

    @property
    def rows(self) -> int:
        """How many rows of the export it stores."""
        return len(self.tables["states"])


def decoded(data: memoryview, export: Export, name: str, as_of: datetime) -> StoredEntry | None:
    """Decode an entry; None if a row that it does not store in full has expired at as-of.

    Raises MsgspecError, ValueError, KeyError or OSError for data that is no entry.
    """
    entry = unpacked(data)
    if entry.expires <= cache_keys.in_seconds(as_of):
        return None
    tables = {of: _table(stream) for of, stream in entry.tables.items()}
    return StoredEntry(export, name, tables, _table(entry.unsettled), entry.source)


def schemas(engine: Engine, lines: Lines, plan: Plan) -> dict[str, Schema]:
    """Return the Arrow schemas of the tables of an entry, by name, as this run encodes them."""
    import pyarrow as pa

    found = {
        name: engine.table(f"select {', '.join(of)} from {name} limit 0").schema
        for name, of in cache_keys.tables(lines, plan).items()
    }
    return {**found, "unsettled": pa.schema(list(found["unsettled"].field("again").type))}


def reusable_part(entry: StoredEntry, as_of: datetime, found: Table | None = None) -> Reusable:
    """Separate the rows of an entry that still hold from those that have expired by now.

    ``found`` is what each row finds in joined exports now, in the order of the rows; a row that
    finds something else than before has expired, too. Raises ValueError for an entry that lacks
    rows, or is not that of its export.
    """
    from pyarrow import compute

    states, tables, now = entry.tables["states"], {**entry.tables}, cache_keys.in_seconds(as_of)
    has_expired = compute.less_equal(states["expires_at"], number(now))
    if found is not None:
        # The parcel or case that a row finds may say something else than when the row was cached.
        has_expired = compute.or_(has_expired, _found_differs(states, found))
        tables = {name: _with_joined_numbers(rows, found) for name, rows in tables.items()}
        # The engine decides by this column alone which rows of `states` still hold.
        at = states["expires_at"]
        expires_at = compute.if_else(has_expired, number(now).cast(at.type), at)
        place = states.column_names.index("expires_at")
        tables["states"] = tables["states"].set_column(place, "expires_at", expires_at)
    expired = states["source_row"].filter(has_expired).combine_chunks()
    if len(expired):
        tables |= {of: _without(rows, expired) for of, rows in tables.items() if of != "states"}
    again = entry.unsettled.filter(compute.is_in(entry.unsettled["source_row"], value_set=expired))
    # An expired row that was not stored in full cannot be judged again: the entry is unusable.
    if len(again) != len(expired):
        raise ValueError(entry.name)
    remembered.put_back(entry.export.source, entry.source)
    is_outdated = len(expired) * _REWRITE_FROM > len(states)
    others = _without(entry.unsettled, expired) if is_outdated else None
    return Reusable(entry.export, entry.name, tables, again, others)


def _found_differs(states: Table, found: Table) -> Flags:
    from pyarrow import compute

    if not states["source_row"].equals(found["source_row"]):
        raise ValueError("rows")
    return compute.not_equal(states["beside"], found["beside"])


def _with_joined_numbers(rows: Table, found: Table) -> Table:
    """Return rows with the numbers that the joined rows which they find have in this run."""
    from pyarrow import compute

    places = compute.index_in(rows["source_row"], value_set=found["source_row"].combine_chunks())
    for name in found.column_names:
        if name in rows.column_names and name not in ("source", "source_row", "beside"):
            place = rows.column_names.index(name)
            rows = rows.set_column(place, name, found[name].take(places))
    return rows


def combined_tables(found: Sequence[Reusable]) -> Iterator[tuple[str, Table]]:
    """Yield each table that is reused, by name, with the rows of all these exports."""
    import pyarrow as pa

    for name in found[0].tables if found else ():
        parts = [with_source_number(part.tables[name], part.export) for part in found]
        yield name, pa.concat_tables(parts)
    for part in found:
        if (rows := part.unsettled) is not None:
            again = pa.Table.from_arrays(
                [rows["source_row"], rows.to_struct_array()], names=["source_row", "again"]
            )
            yield "unsettled", with_source_number(again, part.export)


def with_source_number(rows: Table, export: Export) -> Table:
    """Return the rows of an export with the number that it has in this run."""
    source = numbers(export.number, len(rows))
    if "source" in rows.column_names:
        return rows.set_column(rows.column_names.index("source"), "source", source)
    return rows.add_column(0, "source", source)


def encoded(
    engine: Engine, exports: Sequence[Export], lines: Lines, plan: Plan
) -> Iterator[tuple[Export, Entry]]:
    """Yield exports with their entries; the rows of all are fetched at once."""
    # Another run compares them row by row with what they then find in joined exports.
    which = {"sources": [e.number for e in exports], "ordered": bool(lines.joined)}
    begun = [_Begun(export) for export in exports]
    # One table after the other: all of them together would be in memory twice.
    for name, columns in cache_keys.tables(lines, plan).items():
        query = render_sql("cached_rows", columns=columns, table=name, **which)
        rows = engine.table(query)
        for entry in begun:
            # To pick rows copies them; where all are of one export they are as they should be.
            mine = rows if len(begun) == 1 else _rows_of(rows, entry.export)
            entry.add(name, mine.drop_columns(["source"]))
    yield from ((entry.export, entry.finished()) for entry in begun)


class _Begun(Struct):
    """An entry that is not finished, and what its tables say of when it expires."""

    export: Export
    tables: dict[str, memoryview] = field(default_factory=dict)
    expires: Table | None = None
    unsettled: Table | None = None

    def add(self, name: str, rows: Table) -> None:
        import pyarrow as pa

        if name == "unsettled":
            rows = pa.Table.from_struct_array(rows["again"])
            self.unsettled = rows.select(["source_row"])
        if name == "states":
            self.expires = rows.select(["source_row", "expires_at"])
        self.tables[name] = _stream(rows)

    def finished(self) -> Entry:
        from pyarrow import compute

        assert self.expires is not None, "every entry has states"  # noqa: S101
        assert self.unsettled is not None, "every entry has unsettled rows"  # noqa: S101
        in_full = self.unsettled["source_row"].combine_chunks()
        settled = _without(self.expires, in_full)
        expires = compute.min(settled["expires_at"]).as_py()
        unsettled = self.tables.pop("unsettled")
        return Entry(
            remembered.written(self.export.source),
            cache_keys.never_expires() if expires is None else expires,
            self.tables,
            unsettled,
        )


def _rows_of(rows: Table, export: Export) -> Table:
    from pyarrow import compute

    return rows.filter(compute.equal(rows["source"], number(export.number)))


def _without(rows: Table, expired: Cells) -> Table:
    from pyarrow import compute

    return rows.filter(compute.invert(compute.is_in(rows["source_row"], value_set=expired)))


def _stream(table: Table) -> memoryview:
    """Return a table as a stream, in memory of exactly its size."""
    import pyarrow as pa

    counted = pa.MockOutputStream()
    _write(table, counted)
    buffer = pa.allocate_buffer(counted.size())
    _write(table, pa.FixedSizeBufferWriter(buffer))
    return memoryview(buffer)


def _write(table: Table, sink: Any) -> None:
    import pyarrow as pa

    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)


def _table(stream: memoryview) -> Table:
    import pyarrow as pa

    return pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
