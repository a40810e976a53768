"""Rows that could not be understood, or are no records: one by one, and counted by reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import merge

from msgspec.structs import replace

from merchantwatch.engines import ROW_STRIDE, Engine
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.language.quarantine_reasons import NO_RECORDS
from merchantwatch.pipeline.dividing import row_in_file
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.reading import BadRow, Export
from merchantwatch.reading.likeness import shown_of
from merchantwatch.results.accounting import Tally
from merchantwatch.results.inputs import Fault, Quarantined
from merchantwatch.results.judged import Judged


def rows(judged: Judged) -> Iterator[Quarantined]:
    """Yield all rows that could not be understood, in the order of files and rows."""
    # By label, so that the order of arguments does not change the file.
    exports = sorted(judged.tally.exports, key=lambda export: (export.label, export.number))
    # Both are sorted by file and row already: merged as streams, few rows are in memory.
    for place, item in merge(_unread(exports), _not_understood(judged, exports), key=_place):
        yield item if exports[place].numbered else replace(item, row=None)


_Placed = tuple[int, Quarantined]
"""A row that could not be understood, and the position of its export among all."""


def _place(placed: _Placed) -> tuple[int, int]:
    place, item = placed
    return place, item.row or 0


def _unread(exports: Sequence[Export]) -> Iterator[_Placed]:
    """Yield the rows that were set aside while exports were read."""
    for place, export in enumerate(exports):
        for bad in export.bad_rows:
            yield place, Quarantined(export.label, bad.row, "", bad.value, bad.reason)


def _not_understood(judged: Judged, exports: Sequence[Export]) -> Iterator[_Placed]:
    """Yield the rows of exports that were read, but not understood.

    A cell is shown only if it looks like what the column holds: else it may be personal data.
    """
    tally, lang = judged.tally, judged.settings.lang
    # Rows set aside while reading are no rows of the engine: only others are looked up there.
    places = {e.number: n for n, e in enumerate(exports) if tally.quarantined_of(e) > e.bad_count}
    if not places:
        return
    sql = render_sql("quarantine", tables=_tables(tally), sources=[*places], row_stride=ROW_STRIDE)
    for batch in judged.engine.batches(sql):
        columns = [column.to_pylist() for column in batch.columns]
        for source, source_row, problem in zip(*columns, strict=True):
            export = exports[places[source]]
            # "reason field value": only the value, which comes last, may contain blanks.
            reason, field, value = problem.split(" ", 2)
            header, is_time = _header(export, field), FIELDS[field].kind is Kind.TIME
            shown = shown_of(value, is_time=is_time).of(lang)
            row = row_in_file(source_row)
            yield places[source], Quarantined(export.label, row, header, shown, reason)


def _tables(tally: Tally) -> list[str]:
    """Return the tables of rows, each with the problem that it may have."""
    orders = f"({render_sql('all_problems')})" if tally.lines.conflicts else "relevant"
    return [orders, *(kind.rows for kind in tally.lines.joined)]


def _header(export: Export, field: str) -> str:
    return export.source.headers[export.cells[field].index].strip()


def problems(engine: Engine, tally: Tally) -> dict[int, list[Fault]]:
    """Return the faults of rows that were read, by the number of their export."""
    exports = {export.number: export for export in tally.exports}
    found: dict[int, list[Fault]] = {number: [] for number in exports}
    for table in _tables(tally):
        for row in engine.table(
            render_sql("faults", rows=table, row_stride=ROW_STRIDE)
        ).to_pylist():
            header = _header(exports[row["source"]], row["field"])
            fault = Fault(row["reason"], header, row["rows"], row["first_row"])
            found[row["source"]].append(fault)
    return found


def faults(export: Export, found: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return why rows of an export could not be understood, the most frequent reason first.

    ``found`` are the problems of its rows that were read.
    """
    bad = [fault for fault in found if fault.reason not in NO_RECORDS]
    return _ordered([*bad, *_set_aside(export.bad_rows)], export)


def no_records(export: Export, found: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return why rows of a file are no records, the most frequent reason first."""
    others = [replace(fault, column="") for fault in found if fault.reason in NO_RECORDS]
    return _ordered(_by_reason([*others, *_set_aside(export.no_records)]), export)


def _set_aside(rows: Sequence[BadRow]) -> list[Fault]:
    """Return why rows were set aside while they were read."""
    return _by_reason([Fault(bad.reason, "", 1, bad.row, bad.value) for bad in rows])


def _by_reason(faults: Sequence[Fault]) -> list[Fault]:
    """Return one fault for each reason: the first, with the number of all."""
    counts: Counter[str] = Counter()
    first: dict[str, Fault] = {}
    for fault in sorted(faults, key=lambda fault: fault.first_row):
        counts[fault.reason] += fault.rows
        first.setdefault(fault.reason, fault)
    return [replace(fault, rows=counts[reason]) for reason, fault in first.items()]


def _ordered(faults: Sequence[Fault], export: Export) -> tuple[Fault, ...]:
    """Return faults, the most frequent first, without row numbers if these are unknown."""
    known = faults if export.numbered else [replace(fault, first_row=0) for fault in faults]
    return tuple(sorted(known, key=lambda fault: (-fault.rows, fault.first_row, fault.reason)))
