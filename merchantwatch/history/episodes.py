"""The status of each item since the last run: pure functions from records to records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from merchantwatch.history.items import Item
from merchantwatch.results.past import ItemStatus
from merchantwatch.rules import SEVERITIES

Status = Literal["new", "ongoing", "worsened", "eased", "resolved", "gone", "unknown", "suppressed"]
Alert = Literal["opened", "worsened", "closed"]
Reason = Literal["resolved", "gone", "over", "suppressed", "deselected", "not-in-force"]
Verdict = Literal["resolved", "gone", "unknown", "over", "deselected", "not-in-force"]
"""The possible verdicts on an item that a run did not find."""


class Episode(msgspec.Struct, frozen=True):
    """An item from the run that opened it on, as of the last run.

    ``opened`` and ``closed`` are ids of runs, ``since`` is the as-of of the first. ``alerted`` says
    that an alert was raised, ``pending`` is one that waits for a run that may raise alerts;
    ``worsenings`` counts alerts of worsening. ``reason`` is why it was closed; None while open.
    """

    item: Item
    number: int
    opened: int
    since: datetime
    status: ItemStatus
    closed: int | None = None
    reason: Reason | None = None
    alerted: bool = False
    pending: Alert | None = None
    worsenings: int = 0


class Change(msgspec.Struct, frozen=True):
    """An item in this run: its status, and the alert that is raised for it, if any.

    If this run did not find it, ``item`` is as last recorded. ``opened`` is the run that opened the
    episode and ``since`` its as-of, both None for this run. ``closed`` is an earlier run that has
    closed it already: then only an alert was left to raise. ``pending`` is an alert that this run
    may not raise. ``reason`` is why the episode was closed.
    """

    item: Item
    episode: int
    status: ItemStatus
    alert: Alert | None = None
    reason: Reason | None = None
    opened: int | None = None
    since: datetime | None = None
    closed: int | None = None
    alerted: bool = False
    pending: Alert | None = None
    worsenings: int = 0


def changes(
    previous: Sequence[Episode],
    numbers: Mapping[str, int],
    items: Sequence[Item],
    verdict: Callable[[Item], Verdict],
    *,
    alerting: Callable[[Item], bool] = lambda _: True,
) -> list[Change]:
    """Return the change of every item, those of this run first.

    ``previous`` are the episodes that are open or have an alert pending, ``numbers`` how many
    episodes an item has had, by fingerprint; ``verdict`` judges an item that was not found. Alerts
    of an item for which ``alerting`` returns False wait for the next run.
    """
    # Closed ones are here only for an alert that still has to be raised.
    ongoing = {before.item.fingerprint: before for before in previous if before.reason is None}
    found: dict[str, Change] = {}
    # Findings first: the status of a task depends on those of its findings.
    for item in sorted(items, key=lambda item: item.kind):
        name = item.fingerprint
        of_findings = [found[other].status for other in item.findings if other in found]
        found[name] = _found(item, ongoing.get(name), numbers.get(name, 0), of_findings)
    changed = [found[item.fingerprint] for item in items]
    changed += (
        _not_found(before, verdict(before.item))
        for name, before in ongoing.items()
        if name not in found
    )
    changed += (
        _continued(before, before.item, before.status, before.pending, before.reason)
        for before in previous
        if before.reason is not None
    )
    return [_raised(change) if alerting(change.item) else change for change in changed]


def _found(
    item: Item, before: Episode | None, number: int, of_findings: Sequence[ItemStatus]
) -> Change:
    """Return the change of an item; ``of_findings`` are the statuses of its findings."""
    if item.suppressed:
        if before is None:
            # No episode is opened: what is suppressed from the start is not followed.
            return Change(item, number, "suppressed", reason="suppressed")
        return _closed(before, item, "suppressed", "suppressed")
    if before is None:
        return Change(item, number + 1, "new", pending=None if item.has_task else "opened")
    status = _compared(before.item, item, of_findings)
    pending = before.pending
    if status == "worsened" and not item.has_task:
        # Its opening comes first: "worse" means nothing to a receiver that knows nothing of it.
        pending = "worsened" if before.alerted else "opened"
    return _continued(before, item, status, pending)


def _not_found(before: Episode, verdict: Verdict) -> Change:
    """Return the change of an open item that this run did not find."""
    # An export that is missing tonight shows nothing: it closes no item.
    if verdict == "unknown":
        return _continued(before, before.item, "unknown", before.pending)
    return _closed(before, before.item, "resolved" if verdict == "resolved" else "gone", verdict)


def _continued(
    before: Episode,
    item: Item,
    status: ItemStatus,
    pending: Alert | None,
    reason: Reason | None = None,
) -> Change:
    """Return an episode that continues, or stays closed."""
    return Change(
        item,
        before.number,
        status,
        reason=reason,
        opened=before.opened,
        since=before.since,
        closed=before.closed,
        alerted=before.alerted,
        pending=pending,
        worsenings=before.worsenings,
    )


def _closed(before: Episode, item: Item, status: ItemStatus, reason: Reason) -> Change:
    """Return an episode that ends. It raises an alert only if its opening raised one."""
    return _continued(before, item, status, "closed" if before.alerted else None, reason)


def _raised(change: Change) -> Change:
    """Raise the alert that is pending."""
    if change.pending is None:
        return change
    return msgspec.structs.replace(
        change,
        alert=change.pending,
        pending=None,
        alerted=True,
        worsenings=change.worsenings + (change.pending == "worsened"),
    )


def _compared(before: Item, now: Item, of_findings: Sequence[ItemStatus]) -> ItemStatus:
    """Return whether an item is worse or better than before."""
    # Worse in one respect counts as worse, even if it is better in another.
    steps = list(_steps(before, now))
    if any(step > 0 for step in steps) or "worsened" in of_findings:
        return "worsened"
    return "eased" if any(step < 0 for step in steps) else "ongoing"


def _steps(before: Item, now: Item) -> Iterator[int]:
    """Yield 1, 0 or -1 for each measure of an item: worse, equal or better than before."""
    # A bool is an int: True - False is 1.
    yield (now.state == "breached") - (before.state == "breached")
    yield _step(SEVERITIES.index(before.severity), SEVERITIES.index(now.severity))
    if before.strikes is not None and now.strikes is not None:
        yield _step(before.strikes, now.strikes)
    if before.penalty is not None and now.penalty is not None:
        yield _step(before.penalty, now.penalty)


def _step(before: int | Decimal, now: int | Decimal) -> int:
    return (now > before) - (now < before)
