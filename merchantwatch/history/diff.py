"""The differences between two recorded runs."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, and_, select

from merchantwatch.history.items import Item
from merchantwatch.history.tables import StoredRow, episodes, items, statuses
from merchantwatch.rules import SEVERITIES

How = Literal["opened", "worsened", "eased", "resolved", "gone", "suppressed"]
HOW: tuple[How, ...] = ("opened", "worsened", "eased", "resolved", "gone", "suppressed")
"""The kinds of differences, in the order in which they are listed."""

_OPEN = ("new", "ongoing", "worsened", "eased", "unknown")


class Difference(msgspec.Struct, frozen=True):
    """One item that differs in the later run, as last recorded, and since when it was open."""

    how: How
    item: Item
    episode: int
    since: datetime


def differences(connection: Connection, before: int, after: int) -> list[Difference]:
    """Return the differences of the run ``after`` from the earlier run ``before``.

    An item that opened and closed between the two is in neither, and is not listed.
    """
    found: dict[int, list[StoredRow]] = {}
    for row in connection.execute(_statuses(before, after)):
        found.setdefault(row.item_id, []).append(row)
    differing = (_difference(rows, before, after) for rows in found.values())
    return sorted(filter(None, differing), key=_place)


def _statuses(before: int, after: int) -> Any:
    """Return the query of every status from one run to another, run by run."""
    joined = statuses.join(items, items.c.id == statuses.c.item_id).join(
        episodes,
        and_(episodes.c.item_id == statuses.c.item_id, episodes.c.number == statuses.c.episode),
        # A suppressed item may have a status and no episode.
        isouter=True,
    )
    return (
        select(statuses, episodes.c.item, episodes.c.since)
        .select_from(joined)
        .where(statuses.c.run_id >= before, statuses.c.run_id <= after)
        .order_by(statuses.c.item_id, statuses.c.run_id)
    )


def _difference(rows: list[StoredRow], before: int, after: int) -> Difference | None:
    first = rows[0] if rows[0].run_id == before and rows[0].status in _OPEN else None
    last = rows[-1]
    how = _how(first, last, rows, after)
    # An item that was suppressed from the start has no episode.
    if how is None or last.item is None:
        return None
    item = msgspec.json.decode(last.item, type=Item)
    return Difference(how, item, last.episode, datetime.fromisoformat(last.since))


def _how(first: StoredRow | None, last: StoredRow, rows: list[StoredRow], after: int) -> How | None:
    is_open = last.run_id == after and last.status in _OPEN
    if first is None:
        return "opened" if is_open else None
    if not is_open:
        closing: dict[str, How] = {"resolved": "resolved", "suppressed": "suppressed"}
        return closing.get(last.status, "gone")
    # Closed and opened again in between: for the reader of the later run it is a new problem.
    if first.episode != last.episode:
        return "opened"
    return _compared(first, last, rows)


def _compared(first: StoredRow, last: StoredRow, rows: list[StoredRow]) -> How | None:
    """Return whether an item that is open in both runs is worse or better."""
    # Strikes and penalties are not stored by run: the statuses in between show how they changed.
    steps = _rank(last) - _rank(first)
    steps = steps or sum(
        (row.status == "worsened") - (row.status == "eased") for row in rows if row is not first
    )
    return "worsened" if steps > 0 else "eased" if steps < 0 else None


def _rank(row: StoredRow) -> int:
    # A step of severity weighs more than the step from near to broken.
    return 2 * SEVERITIES.index(row.severity) + int(row.state == "breached")


def _place(difference: Difference) -> tuple[int, int, str, str, str]:
    """Return the sort key: by kind of difference, then the most severe first."""
    item = difference.item
    severest_first = -SEVERITIES.index(item.severity)
    return (HOW.index(difference.how), severest_first, item.kind, item.code, item.key)
