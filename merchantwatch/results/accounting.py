"""Where every row went, and what the lines of each export are like."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from typing import Any

from merchantwatch.engines import APART, Engine
from merchantwatch.fields import FIELDS, PARCEL_KNOWN, Kind
from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.pipeline import identity
from merchantwatch.pipeline.dividing import row_in_file
from merchantwatch.pipeline.joined import CASES, Joined
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import BadRow, Export
from merchantwatch.reading.likeness import shown_of
from merchantwatch.results.records import Accounting, Fault, Quarantined

MOST_UNMATCHED = 5
"""How many cases or parcels that belong to no line are named; all are counted."""


@dataclass(frozen=True)
class Unmatched:
    """The cases or parcels that belong to no line: how many, the first of them, and by source."""

    total: int
    first: tuple[str, ...]
    by_source: Mapping[int, int]


@dataclass(frozen=True)
class Tally:
    """What was counted of the lines, by the number of their source."""

    lines: Lines
    rows: Mapping[int, Mapping[str, int]]
    by_source: Mapping[int, Mapping[str, Any]]
    unmatched: Mapping[str, Unmatched]

    @property
    def exports(self) -> Sequence[Export]:
        """The exports that were read."""
        return self.lines.exports

    @property
    def currencies(self) -> dict[int, str | None]:
        """The currency of the amounts of each export, as far as it is known."""
        return {export.number: export.currency for export in self.exports}

    @property
    def lines_by_source(self) -> dict[int, int]:
        """Lines that are judged, by source."""
        return {source: row["lines"] for source, row in self.by_source.items()}

    @property
    def platforms(self) -> dict[int, tuple[str, ...]]:
        """The platforms that lines of each source are of."""
        of, naming = self.lines.layout.platforms.of, self.lines.layout.platforms.told
        return {
            source: tuple(p for p in of[source] if source not in naming or row[f"of_{p}"])
            for source, row in self.by_source.items()
        }

    @property
    def events_known(self) -> dict[str, frozenset[str]]:
        """What is known of some line's parcel, by platform."""
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
        """Return one value of each source that has it."""
        return [row[name] for row in self.by_source.values() if row[name]]

    def unmatched_of(self, export: Export) -> int | None:
        """Return how many cases or parcels of an export belong to no line."""
        found = self.unmatched.get(export.form.kind)
        return found.by_source.get(export.number, 0) if found else None

    def rows_of(self, export: Export) -> int:
        """Return the rows of an export, those set aside while it was read too."""
        return self.rows.get(export.number, {}).get("rows", 0) + export.bad_count

    def quarantined_of(self, export: Export) -> int:
        """Return the rows of an export that could not be understood."""
        return self.rows.get(export.number, {}).get("quarantined", 0) + export.bad_count

    def no_records_of(self, export: Export) -> int:
        """Return the rows of a file that are no records, which are none of the rows read."""
        return self.rows.get(export.number, {}).get("no_records", 0) + len(export.no_records)

    def accounting(self) -> Accounting:
        """Return where the rows of the order exports went."""
        orders = [export for export in self.exports if export.form.kind == "orders"]
        read = sum(self.rows_of(export) for export in orders)
        quarantined = sum(self.quarantined_of(export) for export in orders)
        superseded = sum(self.rows.get(e.number, {}).get("superseded", 0) for e in orders)
        later = sum(self.rows.get(e.number, {}).get("later", 0) for e in orders)
        return Accounting(read, self.total("lines"), quarantined, superseded, later)


def tally_lines(engine: Engine, lines: Lines) -> Tally:
    """Count rows and lines by source."""
    orders = engine.table(stage("rows_by_source", conflicts=lines.conflicts)).to_pylist()
    joined = [
        row
        for kind in lines.joined
        for row in engine.table(stage("joined_rows_by_source", rows=kind.rows)).to_pylist()
    ]
    by_source = engine.table(stage("account", flags=lines.flags)).to_pylist()
    return Tally(
        lines,
        {row["source"]: row for row in [*orders, *joined]},
        {row["source"]: row for row in by_source},
        {kind.kind: _unmatched(engine, kind) for kind in lines.joined},
    )


def _unmatched(engine: Engine, kind: Joined) -> Unmatched:
    """Return the cases or parcels that no row of an order export has asked for."""
    names = stage("unmatched", filed=kind.filed, named_by=kind.named_by, number=kind.number)
    by_source = engine.table(stage("unmatched_by_source", unmatched=names)).to_pylist()
    first = engine.table(stage("unmatched_first", unmatched=names, most=MOST_UNMATCHED)).to_pylist()
    return Unmatched(
        first[0]["unmatched"] if first else 0,
        tuple(row["name"] for row in first),
        {row["source"]: row["unmatched"] for row in by_source},
    )


def lines_sharing_cases(engine: Engine, tally: Tally) -> int:
    """Return how many lines have their cases together with others."""
    if CASES not in tally.lines.joined:
        return 0
    lines: int = engine.table(stage("of_several_lines")).to_pylist()[0]["lines"]
    return lines


def unknown_words(engine: Engine, tally: Tally) -> dict[str, list[tuple[str, int]]]:
    """Return the words that no format knows, by field, each with its lines."""
    found = {}
    for name in tally.lines.layout.words:
        if tally.total(f"{name}_unknown"):
            words = engine.table(stage("unknown_words", field=name)).to_pylist()
            found[name] = [(row["word"], row["lines"]) for row in words]
    return found


def first_rows(engine: Engine, tally: Tally, flag: str, most: int) -> list[tuple[Export, int]]:
    """Return the first rows of each export of which something is counted, if they are numbered."""
    by_number = {export.number: export for export in tally.exports if export.numbered}
    sql = stage("flagged_first", test=tally.lines.flagged(flag), most=most)
    rows = engine.table(sql).to_pylist()
    return [
        (by_number[row["source"]], row_in_file(row["source_row"]))
        for row in rows
        if row["source"] in by_number
    ]


def equal_rows(engine: Engine, tally: Tally) -> int:
    """Return how many lines cannot be distinguished from another of their export."""
    if not identity.numbered(tally.exports):
        return 0
    lines: int = engine.table(
        identity.equal_rows(["created_at", *tally.lines.fields()])
    ).to_pylist()[0]["lines"]
    return lines


def quarantined(engine: Engine, tally: Tally, lang: str) -> Iterator[Quarantined]:
    """Yield all rows that could not be understood, in the order of files and rows."""
    for export in sorted(tally.exports, key=lambda export: (export.label, export.number)):
        yield from _quarantined_in(engine, tally, export, lang)


def _quarantined_in(
    engine: Engine, tally: Tally, export: Export, lang: str
) -> Iterator[Quarantined]:
    """Yield the rows of one export that could not be understood, in their order."""
    set_aside = (
        Quarantined(export.label, bad.row, "", bad.value, bad.reason) for bad in export.bad_rows
    )
    found = merge(set_aside, _not_understood(engine, tally, export, lang), key=_row)
    yield from found if export.numbered else (replace(item, row=None) for item in found)


def _row(item: Quarantined) -> int:
    return item.row or 0


def numbered_row(tally: Tally) -> str:
    """Return the SQL of the row number that Excel shows for a hit, where it is known."""
    row = f"hits.source_row % {APART}"
    uncounted = [str(export.number) for export in tally.exports if not export.numbered]
    return (
        f"case when hits.source not in ({', '.join(uncounted)}) then {row} end"
        if uncounted
        else row
    )


def _not_understood(
    engine: Engine, tally: Tally, export: Export, lang: str
) -> Iterator[Quarantined]:
    """Yield the rows of one export that were read, but not understood.

    What stands in a cell is shown only where it looks like what the column holds.
    """
    if tally.quarantined_of(export) == export.bad_count:
        return
    for batch in engine.batches(_asked("quarantine", tally, export)):
        for source_row, problem in zip(*(column.to_pylist() for column in batch), strict=True):
            reason, field, value = problem.split(" ", 2)
            header, is_time = _header(export, field), FIELDS[field].kind is Kind.TIME
            shown = shown_of(value, is_time=is_time).of(lang)
            yield Quarantined(export.label, row_in_file(source_row), header, shown, reason)


def _asked(query: str, tally: Tally, export: Export) -> str:
    """Return a query of the rows of one export that could not be understood."""
    orders = f"({stage('all_problems')})" if tally.lines.conflicts else "kept"
    rows = {kind.kind: kind.rows for kind in tally.lines.joined}.get(export.form.kind, orders)
    return stage(query, rows=rows, source=export.number, apart=APART)


def _header(export: Export, field: str) -> str:
    return export.source.headers[export.cells[field].index].strip()


def faults(engine: Engine, tally: Tally, export: Export) -> tuple[Fault, ...]:
    """Return why rows of an export could not be understood, the commonest reason first."""
    found = [fault for fault in _found(engine, tally, export) if fault.reason not in NO_RECORDS]
    return _ordered([*found, *_set_aside(export.bad_rows)], export)


def no_records(engine: Engine, tally: Tally, export: Export) -> tuple[Fault, ...]:
    """Return why rows of a file are no records, the commonest reason first."""
    found = [
        replace(fault, column="")
        for fault in _found(engine, tally, export)
        if fault.reason in NO_RECORDS
    ]
    return _ordered(_together([*found, *_set_aside(export.no_records)]), export)


def _found(engine: Engine, tally: Tally, export: Export) -> list[Fault]:
    """Return what is wrong with rows that were read."""
    return [
        Fault(row["reason"], _header(export, row["field"]), row["rows"], row["first_row"])
        for row in engine.table(_asked("faults", tally, export)).to_pylist()
    ]


def _set_aside(rows: Sequence[BadRow]) -> list[Fault]:
    """Return why rows were set aside while they were read."""
    return _together([Fault(bad.reason, "", 1, bad.row, bad.value) for bad in rows])


def _together(faults: Sequence[Fault]) -> list[Fault]:
    """Return faults with those of one reason counted together."""
    counts: Counter[str] = Counter()
    first: dict[str, Fault] = {}
    for fault in sorted(faults, key=lambda fault: fault.first_row):
        counts[fault.reason] += fault.rows
        first.setdefault(fault.reason, fault)
    return [replace(fault, rows=counts[reason]) for reason, fault in first.items()]


def _ordered(faults: Sequence[Fault], export: Export) -> tuple[Fault, ...]:
    """Return faults, the commonest first; row numbers that are unknown are left out."""
    known = faults if export.numbered else [replace(fault, first_row=0) for fault in faults]
    return tuple(sorted(known, key=lambda fault: (-fault.rows, fault.first_row, fault.reason)))
