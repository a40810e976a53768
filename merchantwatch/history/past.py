"""A recorded run → what its reports say of the runs before it."""

from collections import Counter
from typing import get_args

from merchantwatch.history.episodes import Change
from merchantwatch.history.recording import Recorded
from merchantwatch.results.past import ItemStatus, Passed, Past, Standing

_STATUSES = get_args(ItemStatus)
_KINDS = {"finding": "findings", "task": "tasks"}


def past_of(recorded: Recorded) -> Past:
    """Return what has become of everything, for the reports of a run."""
    changes = [change for change in recorded.changes if change.closed is None]
    counts = Counter[tuple[str, str]]((c.item.kind, c.status) for c in changes)
    previous = recorded.previous
    return Past(
        run=recorded.run.id,
        previous=previous.id if previous else None,
        previous_as_of=previous.as_of if previous else None,
        counts={
            name: {status: counts[kind, status] for status in _STATUSES}
            for kind, name in _KINDS.items()
        },
        standings={
            change.item.fingerprint: _standing(change, recorded)
            for change in changes
            if change.status not in _NOT_FOUND
        },
        passed=tuple(_passed(c, recorded) for c in changes if c.status in _NOT_FOUND),
        known_guards=tuple((g.code, g.shop) for g in previous.guards) if previous else (),
    )


_NOT_FOUND = ("resolved", "gone", "unknown")


def _standing(change: Change, recorded: Recorded) -> Standing:
    return Standing(change.status, change.episode, change.since or recorded.run.as_of)


def _passed(change: Change, recorded: Recorded) -> Passed:
    item = change.item
    return Passed(
        kind=item.kind,
        code=item.code,
        platform=item.platform,
        shop=item.shop,
        scope=item.scope,
        key=item.key,
        standing=_standing(change, recorded),
        reason=change.reason,
        text=item.text,
    )
