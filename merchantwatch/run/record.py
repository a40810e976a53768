"""Recording a finished run in its history, before its reports are written."""

import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, cast

import msgspec
from msgspec.structs import replace

from merchantwatch.config import HistoryPlace
from merchantwatch.errors import OutputError
from merchantwatch.history.runs import Input, Shop
from merchantwatch.language.moments import duration
from merchantwatch.language.text import Text
from merchantwatch.pipeline import coverage
from merchantwatch.reading.arrow import Row
from merchantwatch.reports import json
from merchantwatch.results.model import Results
from merchantwatch.results.past import Guard
from merchantwatch.run.places import place_of
from merchantwatch.run.scan import Run
from merchantwatch.run.start import every_rule
from merchantwatch.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from merchantwatch.history.episodes import Verdict
    from merchantwatch.history.items import Item
    from merchantwatch.history.recording import Hook, Night, Recorded

_DAYS_STORED = 35
"""A run records the number of lines of this many days of a shop."""

_LARGEST_REPORT = 1 << 20
"""A compressed report of more bytes is not stored in the history."""

_PIECE = 1 << 20
"""How many bytes are compressed at a time."""


def check_place(settings: Settings) -> None:
    """Raise UsageError if runs can never be recorded at this place, before anything is read."""
    if settings.history is not None:
        from merchantwatch.history.store import check_url

        check_url(place_of(settings.history))


def recorded(
    finished: Run, settings: Settings, program: str, hooks: Sequence["Hook"] = ()
) -> tuple[Results, list[OutputError]]:
    """Record a run, and return its results and the errors.

    ``program`` is this program's version; ``hooks`` write in the same transaction. If the history
    cannot be used, reports say so first, and are written all the same.
    """
    if settings.history is None:
        return finished.results, []
    try:
        return _record(finished, settings, program, settings.history, hooks), []
    except OutputError as error:
        results = finished.results
        guard = Guard("no-history", None, Text(zh=error.zh, en=error.en), ())
        return replace(results, guards=(guard, *results.guards)), [error]


def _record(
    finished: Run,
    settings: Settings,
    program: str,
    history: HistoryPlace,
    hooks: Sequence["Hook"],
) -> Results:
    """Record a run, and return its results, compared with the last run.

    A dry run compares and stores nothing. Raises HistoryError if the history cannot be used.
    """
    from merchantwatch.history import recording
    from merchantwatch.history.store import opened

    night = _night(finished, settings, program)
    results = finished.results
    with opened(place_of(history), dry_run=settings.dry_run) as store:
        begun = store.rehearsing() if settings.dry_run else store.writing()
        with begun as connection:
            recorded = recording.record(connection, night, hooks)
            # Before the report is stored, so that it has its comparison.
            results = _with_past(connection, results, recorded)
            _store_and_prune(connection, recorded, results, history)
    return results


def _with_past(connection: "Connection", results: Results, recorded: "Recorded") -> Results:
    from merchantwatch.history import ledger
    from merchantwatch.history.past import MOST_POINTS, past_of, trend_of

    past = past_of(recorded.run, recorded.previous, recorded.changes)
    trend = trend_of(ledger.runs_of(connection, most=MOST_POINTS))
    past = msgspec.structs.replace(past, trend=trend)
    return replace(results, guards=recorded.guards, past=past)


def _store_and_prune(
    connection: "Connection", recorded: "Recorded", results: Results, history: HistoryPlace
) -> None:
    """Store the report of a run, and delete runs that are older than the settings say."""
    from merchantwatch.history import ledger

    packed = _Packed()
    with suppress(_TooLargeError):
        json.render(results, cast("IO[bytes]", packed))
        ledger.store_report(connection, recorded.run.id, packed.data())
    # A single run with a clock set years in the future must not delete all other runs.
    newest = min(run.as_of for run in (recorded.run, recorded.previous) if run)
    ledger.prune(connection, newest - duration(history.keep, "[history] keep"))


class _TooLargeError(Exception):
    """A report has more bytes than are stored."""


class _Packed:
    """A file that compresses what is written, as far as it is small enough to be stored."""

    def __init__(self) -> None:
        # Level 6: higher ones take several times longer for some percent.
        self._compressor = zlib.compressobj(6)
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> int:
        # Piece by piece: of a large report the first ones show that it is too large.
        for first in range(0, len(data), _PIECE):
            self._add(self._compressor.compress(data[first : first + _PIECE]))
        return len(data)

    def data(self) -> bytes:
        self._add(self._compressor.flush())
        return b"".join(self._parts)

    def _add(self, part: bytes) -> None:
        self._parts.append(part)
        self._size += len(part)
        if self._size > _LARGEST_REPORT:
            raise _TooLargeError


def _night(finished: Run, settings: Settings, program: str) -> "Night":
    """Return the input of a run for its history."""
    from merchantwatch.history import recording
    from merchantwatch.history.items import items_of

    results = finished.results
    return recording.Night(
        as_of=settings.as_of,
        program=program,
        inputs=_inputs(finished),
        shops=tuple(_shops(finished)),
        settings={
            "tz": settings.tz,
            "select": list(settings.select),
            "ignore": list(settings.ignore),
            "platform": settings.platform,
        },
        totals=_totals(results),
        items=items_of(results, finished.book),
        guards=results.guards,
        verdicts=lambda items, guards: verdicts(finished, settings, items, guards),
    )


def verdicts(
    finished: Run, settings: Settings, items: Sequence["Item"], guards: Sequence[Guard]
) -> Mapping[str, "Verdict"]:
    """Return the verdicts on items that a run did not find, by its inputs."""
    from merchantwatch.history import evidence

    judged = evidence.JudgedBy(finished.results, finished.book, every_rule(settings))
    found = evidence.covered(finished.engine, finished.lines, items, finished.plan)
    return evidence.verdicts(items, guards, judged, found)


def _inputs(finished: Run) -> tuple[Input, ...]:
    """Return the files that were read, with digests; tables and streams have none."""
    digests = finished.digests
    files = [Input(file.label, digests.of(file.path), file.size) for file in finished.files]
    named = {file.label for file in finished.files}
    # Members of an archive are named "archive!member": the digest of the archive covers them.
    others = {
        item.path
        for item in finished.results.inputs
        if not any(item.path == name or item.path.startswith(f"{name}!") for name in named)
    }
    return (*files, *(Input(name, None) for name in sorted(others)))


def _shops(finished: Run) -> list[Shop]:
    """Return the shops of a run, with the number of lines of their last days."""
    found: dict[tuple[str, str | None], list[dict[str, object]]] = {}
    for row in finished.engine.table(coverage.shop_days(finished.lines)).to_pylist():
        found.setdefault((row["platform"], row["shop"]), []).append(row)
    # As text, since a shop may be None, which cannot be compared with a name.
    return [_shop(*key, rows) for key, rows in sorted(found.items(), key=str)]


def _shop(platform: str, shop: str | None, rows: Sequence[Row]) -> Shop:
    days: dict[str, int] = {}
    for row in rows:
        # Lines without a time of creation count for the shop, but for no day.
        if row["created_on"] is not None:
            day = row["created_on"].isoformat()
            days[day] = days.get(day, 0) + row["lines"]
    events = [row["newest_event"] for row in rows if row["newest_event"] is not None]
    return Shop(
        platform=platform,
        shop=shop,
        lines=sum(row["lines"] for row in rows),
        days={day: days[day] for day in sorted(days)[-_DAYS_STORED:]},
        newest_event=max(events, default=None),
    )


def _totals(results: Results) -> dict[str, object]:
    """Return the totals of a run, and the findings of each rule."""
    work, read = results.work.totals, results.accounting
    return {
        "rows_read": read.rows_read,
        "lines": read.lines,
        "quarantined": read.quarantined,
        "breached": results.total("breached"),
        "near": results.total("near"),
        "tasks": work.tasks,
        "money_to_save": str(work.money_to_save),
        "money_lost": str(work.money_lost),
        "rules": {
            outcome.code: [outcome.breached, outcome.findings - outcome.breached]
            for outcome in results.outcomes
            if outcome.status == "evaluated" and not outcome.signal
        },
    }
