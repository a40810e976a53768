"""Where every row went, and how many lines each export has with which flags."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from msgspec import Struct

from merchantwatch.engines import ROW_STRIDE, Engine
from merchantwatch.fields import PARCEL_KNOWN
from merchantwatch.pipeline import identity
from merchantwatch.pipeline.dividing import row_in_file
from merchantwatch.pipeline.joined import CASES, Joined
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import Export
from merchantwatch.reading.arrow import Row
from merchantwatch.results.inputs import Accounting

MOST_UNMATCHED = 5
"""At most this many cases or parcels without a line are named; all are counted."""


class Unmatched(Struct, frozen=True):
    """The cases or parcels without a line: their number, the first of them, and by source."""

    total: int
    first: tuple[str, ...]
    by_source: Mapping[int, int]


class Tally(Struct, frozen=True, dict=True):
    """The counts of a run, by the number of the source.

    ``rows`` says where the rows of each export went, ``by_source`` counts its lines by flag;
    ``unmatched`` are the cases and parcels without a line, by kind.
    """

    lines: Lines
    rows: Mapping[int, Mapping[str, int]]
    by_source: Mapping[int, Row]
    unmatched: Mapping[str, Unmatched]

    @property
    def exports(self) -> Sequence[Export]:
        """The exports that were read."""
        return self.lines.exports

    @cached_property
    def currencies(self) -> dict[int, str | None]:
        """The currency of the amounts of each export, as far as it is known."""
        return {export.number: export.currency for export in self.exports}

    @cached_property
    def lines_by_source(self) -> dict[int, int]:
        """How many lines each source has."""
        return {source: row["lines"] for source, row in self.by_source.items()}

    @cached_property
    def platforms(self) -> dict[int, tuple[str, ...]]:
        """The platforms of the lines of each source."""
        of, naming = self.lines.layout.platforms.of, self.lines.layout.platforms.naming
        return {
            source: tuple(p for p in of[source] if source not in naming or row[f"of_{p}"])
            for source, row in self.by_source.items()
        }

    @cached_property
    def events_known(self) -> dict[str, frozenset[str]]:
        """The events that are known of at least one line's parcel, by platform."""
        known: dict[str, frozenset[str]] = {}
        for source, row in self.by_source.items():
            events = {event for event, flag in PARCEL_KNOWN.items() if row[flag]}
            for platform in self.platforms[source]:
                known[platform] = known.get(platform, frozenset()) | events
        return known

    def total(self, name: str) -> int:
        """Return one count over all sources."""
        return sum(row[name] for row in self.by_source.values())

    @property
    def newest_event(self) -> datetime | None:
        """The latest event of any line, to the second."""
        return max(self._all("newest_event"), default=None)

    @property
    def created(self) -> tuple[date, date] | None:
        """The first and the last day on which a line was created."""
        first = min(self._all("created_first"), default=None)
        last = max(self._all("created_last"), default=None)
        return (first, last) if first and last else None

    def _all(self, name: str) -> list[Any]:
        """Return the values of a column, of all sources that have one."""
        return [row[name] for row in self.by_source.values() if row[name]]

    def unmatched_of(self, export: Export) -> int | None:
        """Return how many cases or parcels of an export belong to no line."""
        found = self.unmatched.get(export.form.kind)
        return found.by_source.get(export.number, 0) if found else None

    def rows_of(self, export: Export) -> int:
        """Return the number of an export's rows, including those set aside by reading."""
        return self.rows.get(export.number, {}).get("rows", 0) + export.bad_count

    def quarantined_of(self, export: Export) -> int:
        """Return the rows of an export that could not be understood."""
        return self.rows.get(export.number, {}).get("quarantined", 0) + export.bad_count

    def no_records_of(self, export: Export) -> int:
        """Return the number of a file's rows that are not records; these do not count as read."""
        return self.rows.get(export.number, {}).get("no_records", 0) + len(export.no_records)

    def accounting(self) -> Accounting:
        """Return where the rows of the order exports went."""
        orders = [export for export in self.exports if export.form.kind == "orders"]
        # Of order exports alone: the sum of the contract is about lines.
        read = sum(self.rows_of(export) for export in orders)
        quarantined = sum(self.quarantined_of(export) for export in orders)
        superseded = sum(self.rows.get(e.number, {}).get("superseded", 0) for e in orders)
        later = sum(self.rows.get(e.number, {}).get("later", 0) for e in orders)
        return Accounting(read, self.total("lines"), quarantined, superseded, later)


def tally_lines(engine: Engine, lines: Lines) -> Tally:
    """Count rows and lines by source."""
    orders = engine.table(render_sql("rows_by_source", conflicts=lines.conflicts)).to_pylist()
    joined = [
        row
        for kind in lines.joined
        for row in engine.table(render_sql("joined_rows_by_source", rows=kind.rows)).to_pylist()
    ]
    # Flags of lines only: cases and parcels have none.
    by_source = engine.table(render_sql("account", flags=lines.flags)).to_pylist()
    return Tally(
        lines,
        {row["source"]: row for row in [*orders, *joined]},
        {row["source"]: row for row in by_source},
        {kind.kind: _unmatched(engine, kind) for kind in lines.joined},
    )


def _unmatched(engine: Engine, kind: Joined) -> Unmatched:
    """Return the cases or parcels that belong to no row of an order export."""
    names = render_sql("unmatched", filed=kind.filed, named_by=kind.named_by, number=kind.number)
    by_source = engine.table(render_sql("unmatched_by_source", unmatched=names)).to_pylist()
    first = engine.table(
        render_sql("unmatched_first", unmatched=names, most=MOST_UNMATCHED)
    ).to_pylist()
    return Unmatched(
        first[0]["unmatched"] if first else 0,
        tuple(row["name"] for row in first),
        {row["source"]: row["unmatched"] for row in by_source},
    )


def lines_sharing_cases(engine: Engine, tally: Tally) -> int:
    """Return how many lines share their cases with other lines."""
    if CASES not in tally.lines.joined:
        return 0
    lines: int = engine.table(render_sql("of_several_lines")).to_pylist()[0]["lines"]
    return lines


def unknown_words(engine: Engine, tally: Tally) -> dict[str, list[tuple[str, int]]]:
    """Return the words that no format knows, by field, each with its lines."""
    found = {}
    for name in tally.lines.layout.words:
        if tally.total(f"{name}_unknown"):
            words = engine.table(render_sql("unknown_words", field=name)).to_pylist()
            found[name] = [(row["word"], row["lines"]) for row in words]
    return found


def first_rows(engine: Engine, tally: Tally, flag: str, most: int) -> list[tuple[Export, int]]:
    """Return the first rows of each export with a flag, if its rows are numbered."""
    # Spark does not number the rows of all exports: a wrong number would mislead.
    by_number = {export.number: export for export in tally.exports if export.numbered}
    sql = render_sql("flagged_first", test=tally.lines.flagged(flag), most=most)
    rows = engine.table(sql).to_pylist()
    return [
        (by_number[row["source"]], row_in_file(row["source_row"]))
        for row in rows
        if row["source"] in by_number
    ]


def equal_rows(engine: Engine, tally: Tally) -> int:
    """Return how many lines equal another line of their export in every field."""
    # Only lines without ids can be equal: an id twice in one file is checked elsewhere.
    if not identity.numbered(tally.exports):
        return 0
    lines: int = engine.table(
        identity.equal_rows(["created_at", *tally.lines.fields()])
    ).to_pylist()[0]["lines"]
    return lines


def numbered_row(tally: Tally) -> str:
    """Return the SQL of the row number that Excel shows for a hit, where it is known."""
    # Row numbers carry the item of a divided row above the stride; Excel knows only the rest.
    row = f"hits.source_row % {ROW_STRIDE}"
    uncounted = [str(export.number) for export in tally.exports if not export.numbered]
    return (
        f"case when hits.source not in ({', '.join(uncounted)}) then {row} end"
        if uncounted
        else row
    )
