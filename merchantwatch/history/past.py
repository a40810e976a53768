"""A recorded run → its comparison with earlier runs, for reports."""

from collections import Counter
from collections.abc import Sequence
from typing import get_args

from merchantwatch.history.episodes import Change
from merchantwatch.history.runs import Run
from merchantwatch.results.past import ItemStatus, Passed, Past, Point, Standing

_STATUSES = get_args(ItemStatus)
_KINDS = {"finding": "findings", "task": "tasks"}


def past_of(run: Run, previous: Run | None, all_changes: Sequence[Change]) -> Past:
    """Return the comparison of a run with the previous one, for its reports."""
    # An episode closed by an earlier run is there for its alert alone.
    changes = [change for change in all_changes if change.closed is None]
    counts = Counter[tuple[str, str]]((c.item.kind, c.status) for c in changes)
    return Past(
        run=run.id,
        previous=previous.id if previous else None,
        previous_as_of=previous.as_of if previous else None,
        counts={
            name: {status: counts[kind, status] for status in _STATUSES}
            for kind, name in _KINDS.items()
        },
        standings={
            change.item.fingerprint: _standing(change, run)
            for change in changes
            if change.status not in _NOT_FOUND
        },
        passed=tuple(_passed(c, run) for c in changes if c.status in _NOT_FOUND),
        known_guards=tuple((g.code, g.shop) for g in previous.guards) if previous else (),
    )


_NOT_FOUND = ("resolved", "gone", "unknown")


def _standing(change: Change, run: Run) -> Standing:
    return Standing(change.status, change.episode, change.since or run.as_of)


def _passed(change: Change, run: Run) -> Passed:
    item = change.item
    return Passed(
        kind=item.kind,
        code=item.code,
        platform=item.platform,
        shop=item.shop,
        scope=item.scope,
        key=item.key,
        standing=_standing(change, run),
        reason=change.reason,
        text=item.text,
    )


MOST_POINTS = 30
"""A trend shows this many of the last runs."""


def trend_of(runs: Sequence[Run]) -> tuple[Point, ...]:
    """Return the totals of the last runs, the oldest first; ``runs`` has the newest first."""
    return tuple(_point(run) for run in reversed(runs[:MOST_POINTS]))


def _point(run: Run) -> Point:
    breached, near, tasks = (run.totals.get(name, 0) for name in ("breached", "near", "tasks"))
    return Point(run.as_of, breached, near, tasks)
