"""Where every row went, and what the lines of each export are like."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from merchantwatch.engines import Engine
from merchantwatch.findings import Accounting, Fault, Quarantined
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import CsvFile, Export, RaggedRow

MOST_QUARANTINED = 1000
"""How many quarantined rows are listed; all are counted."""


@dataclass(frozen=True)
class Tally:
    """What was counted of the lines, by the number of their source."""

    lines: Lines
    rows: Mapping[int, Mapping[str, int]]
    by_source: Mapping[int, Mapping[str, Any]]

    @property
    def exports(self) -> Sequence[Export]:
        """The exports that were read."""
        return self.lines.exports

    @property
    def lines_by_source(self) -> dict[int, int]:
        """Lines that are judged, by source."""
        return {source: row["lines"] for source, row in self.by_source.items()}

    @property
    def platforms(self) -> dict[int, str]:
        """The platform of each source that has lines."""
        return {source: self.lines.layout.platforms[source] for source in self.by_source}

    @property
    def parcels_known(self) -> frozenset[str]:
        """The platforms of which some line's parcel is known."""
        known = (source for source, row in self.by_source.items() if row["parcel_known"])
        return frozenset(self.platforms[source] for source in known)

    def total(self, name: str) -> int:
        """Return one count over all sources."""
        return sum(row[name] for row in self.by_source.values())

    def first(self, name: str) -> datetime | None:
        """Return the earliest of a time over all sources."""
        return min((r[name] for r in self.by_source.values() if r[name]), default=None)

    def last(self, name: str) -> datetime | None:
        """Return the latest of a time over all sources."""
        return max((r[name] for r in self.by_source.values() if r[name]), default=None)

    def rows_of(self, export: Export) -> int:
        """Return the rows of an export, ragged ones too."""
        return self.rows.get(export.number, {}).get("rows", 0) + _ragged_rows(export)

    def quarantined_of(self, export: Export) -> int:
        """Return the rows of an export that could not be understood."""
        return self.rows.get(export.number, {}).get("quarantined", 0) + _ragged_rows(export)

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
    orders = engine.table(stage("rows_by_source")).to_pylist()
    parcels = engine.table(stage("parcel_rows_by_source", rows=lines.parcel_rows())).to_pylist()
    by_source = engine.table(stage("account", flags=lines.flags)).to_pylist()
    return Tally(
        lines,
        {row["source"]: row for row in [*orders, *parcels]},
        {row["source"]: row for row in by_source},
    )


def unknown_words(engine: Engine, tally: Tally) -> dict[str, list[tuple[str, int]]]:
    """Return the words that no format knows, by field, each with its lines."""
    found = {}
    for name in tally.lines.layout.words:
        if tally.total(f"{name}_unknown"):
            words = engine.table(stage("unknown_words", field=name)).to_pylist()
            found[name] = [(row["word"], row["lines"]) for row in words]
    return found


def quarantined(engine: Engine, tally: Tally) -> tuple[Quarantined, ...]:
    """Return the first rows that could not be understood, in the order of files and rows."""
    found = [
        Quarantined(
            export.label,
            ragged.row,
            "",
            f"{ragged.cells} / {ragged.expected}",
            _reason(ragged),
        )
        for export in tally.exports
        for ragged in _ragged(export)[:MOST_QUARANTINED]
    ]
    for rows in _relations_with_problems(tally):
        found += _not_understood(engine, tally, rows)
    return tuple(sorted(found, key=lambda item: (item.file, item.row))[:MOST_QUARANTINED])


def _not_understood(engine: Engine, tally: Tally, rows: str) -> Iterator[Quarantined]:
    by_number = {export.number: export for export in tally.exports}
    for row in engine.table(stage("quarantine", rows=rows, most=MOST_QUARANTINED)).to_pylist():
        export = by_number[row["source"]]
        reason, field, value = row["problem"].split(" ", 2)
        header = _header(export, field)
        yield Quarantined(export.label, row["source_row"], header, value, reason)


def faults(engine: Engine, tally: Tally) -> dict[int, list[Fault]]:
    """Return why rows could not be understood, by source, the commonest reason first."""
    found: dict[int, list[Fault]] = {}
    for export in tally.exports:
        ragged: dict[str, list[RaggedRow]] = {}
        for row in _ragged(export):
            ragged.setdefault(_reason(row), []).append(row)
        found[export.number] = [
            Fault(reason, "", sum(row.lines for row in rows), rows[0].row)
            for reason, rows in ragged.items()
        ]
    by_number = {export.number: export for export in tally.exports}
    for rows in _relations_with_problems(tally):
        for row in engine.table(stage("faults", rows=rows)).to_pylist():
            header = _header(by_number[row["source"]], row["field"])
            fault = Fault(row["reason"], header, row["rows"], row["first_row"])
            found[row["source"]].append(fault)
    return {n: sorted(some, key=lambda f: (-f.rows, f.first_row)) for n, some in found.items()}


def _relations_with_problems(tally: Tally) -> Iterator[str]:
    """Yield the relations that hold rows which could not be understood."""
    kinds = {export.form.kind for export in tally.exports if tally.quarantined_of(export)}
    if "orders" in kinds:
        yield "kept"
    if "parcels" in kinds:
        yield f"({tally.lines.parcel_rows()})"


def _header(export: Export, field: str) -> str:
    return export.source.headers[export.cells[field].index].strip()


def _reason(ragged: RaggedRow) -> str:
    return "DQ302" if ragged.lines > 1 else "DQ301"


def _ragged(export: Export) -> list[RaggedRow]:
    return export.source.ragged if isinstance(export.source, CsvFile) else []


def _ragged_rows(export: Export) -> int:
    return sum(ragged.lines for ragged in _ragged(export))
