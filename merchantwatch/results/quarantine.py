"""Rows that could not be understood, or are no records: one by one, and counted by reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge

from merchantwatch.engines import APART, Engine
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.pipeline.dividing import row_in_file
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import BadRow, Export
from merchantwatch.reading.likeness import shown_of
from merchantwatch.results.accounting import Tally
from merchantwatch.results.inputs import Fault, Quarantined
from merchantwatch.results.judged import Judged


def rows(judged: Judged) -> Iterator[Quarantined]:
    """Yield all rows that could not be understood, in the order of files and rows."""
    exports = sorted(judged.tally.exports, key=lambda export: (export.label, export.number))
    for export in exports:
        yield from _rows_of(judged, export)


def _rows_of(judged: Judged, export: Export) -> Iterator[Quarantined]:
    """Yield the rows of one export that could not be understood, in their order."""
    set_aside = (
        Quarantined(export.label, bad.row, "", bad.value, bad.reason) for bad in export.bad_rows
    )
    found = merge(set_aside, _not_understood(judged, export), key=_row)
    yield from found if export.numbered else (replace(item, row=None) for item in found)


def _row(item: Quarantined) -> int:
    return item.row or 0


def _not_understood(judged: Judged, export: Export) -> Iterator[Quarantined]:
    """Yield the rows of one export that were read, but not understood.

    What stands in a cell is shown only where it looks like what the column holds.
    """
    tally, lang = judged.tally, judged.settings.lang
    if tally.quarantined_of(export) == export.bad_count:
        return
    for batch in judged.engine.batches(_asked("quarantine", tally, export)):
        columns = [column.to_pylist() for column in batch.columns]
        for source_row, problem in zip(*columns, strict=True):
            reason, field, value = problem.split(" ", 2)
            header, is_time = _header(export, field), FIELDS[field].kind is Kind.TIME
            shown = shown_of(value, is_time=is_time).of(lang)
            yield Quarantined(export.label, row_in_file(source_row), header, shown, reason)


def _asked(query: str, tally: Tally, export: Export) -> str:
    """Return a query of the rows of one export that could not be understood."""
    orders = f"({stage('all_problems')})" if tally.lines.conflicts else "relevant"
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
