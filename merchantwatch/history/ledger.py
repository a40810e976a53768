"""Writing a run into a history and reading runs, items and episodes out of it.

Each function works on a connection in a transaction of the caller's.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec
from sqlalchemy import (
    Connection,
    Insert,
    Update,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from merchantwatch.history.episodes import Change, Episode
from merchantwatch.history.items import Item
from merchantwatch.history.parameters import json_text, parts
from merchantwatch.history.runs import Run
from merchantwatch.history.tables import (
    StoredRow,
    alerts,
    delivered_alerts,
    deliveries,
    episodes,
    items,
    runs,
    statuses,
)

_ROWS_AT_A_TIME = 2_000
"""How many rows of a run are in memory at a time, on their way into a table."""

RETAINED_REPORTS = 90
"""The whole report is stored for this many of the newest runs."""


def last_run(connection: Connection) -> Run | None:
    """Return the run that was recorded last, if there is any."""
    return next(iter(runs_of(connection, most=1)), None)


def runs_of(connection: Connection, most: int | None = None) -> list[Run]:
    """Return the runs, the newest first."""
    # A report may be megabytes, and is read by ``report_of`` alone.
    wanted = [column for column in runs.c if column is not runs.c.report]
    rows = connection.execute(select(*wanted).order_by(runs.c.id.desc()).limit(most))
    return [_run(row) for row in rows]


def status_counts(connection: Connection, run_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return by run how many tasks had each status in it."""
    chosen = (
        select(statuses.c.run_id, statuses.c.status, func.count().label("tasks"))
        .join(items, items.c.id == statuses.c.item_id)
        .where(items.c.kind == "task")
        .group_by(statuses.c.run_id, statuses.c.status)
    )
    found: dict[int, dict[str, int]] = {}
    for part in parts(run_ids):
        for row in connection.execute(chosen.where(statuses.c.run_id.in_(part))):
            found.setdefault(row.run_id, {})[row.status] = row.tasks
    return found


def report_of(connection: Connection, run_id: int) -> bytes | None:
    """Return the compressed JSON report of a run, if it is stored."""
    found: bytes | None = connection.execute(
        select(runs.c.report).where(runs.c.id == run_id)
    ).scalar()
    return found


def next_run_id(connection: Connection) -> int:
    """Return the id of the next run; ids are never reused, even after runs were deleted."""
    # Episodes keep the ids of runs that were deleted.
    last = connection.execute(select(func.max(runs.c.id))).scalar()
    # An id that is used twice would join an old episode to a new run.
    opened = connection.execute(select(func.max(episodes.c.last))).scalar()
    return 1 + max(last or 0, opened or 0)


def open_or_pending(connection: Connection) -> list[Episode]:
    """Return the episodes that are open, or have an alert pending, in the order they began."""
    chosen = (
        select(episodes)
        .where(or_(episodes.c.closed.is_(None), episodes.c.pending.is_not(None)))
        .order_by(episodes.c.opened, episodes.c.item_id, episodes.c.number)
    )
    return [_episode(row) for row in connection.execute(chosen)]


def episode_numbers(connection: Connection, fingerprints: Sequence[str]) -> dict[str, int]:
    """Return how many episodes each item has had that the history knows."""
    found = _items_by(connection, fingerprints)
    return {row.fingerprint: row.episodes for row in found}


def write_run(connection: Connection, run: Run) -> None:
    """Write a run; its report comes later, see ``store_report``."""
    connection.execute(
        insert(runs).values(
            id=run.id,
            as_of=run.as_of.isoformat(),
            program=run.program,
            inputs=json_text(run.inputs),
            shops=json_text(run.shops),
            settings=json_text(run.settings),
            totals=json_text(run.totals),
            guards=json_text(run.guards),
        )
    )


def store_report(connection: Connection, run_id: int, report: bytes) -> None:
    """Store the compressed JSON report of a run, and delete that of the run 90 runs earlier."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(report=report))
    old = update(runs).where(runs.c.id <= run_id - RETAINED_REPORTS, runs.c.report.is_not(None))
    connection.execute(old.values(report=None))


def write_changes(connection: Connection, run: Run, changes: Sequence[Change]) -> None:
    """Write the items of a run, their episodes and statuses."""
    ids = _write_items(connection, changes)
    opened = [c for c in changes if c.opened is None and c.reason is None]
    continued = [c for c in changes if c.opened is not None]
    _execute(connection, insert(episodes), (_row(c, ids, run) for c in opened))
    changed = update(episodes).where(
        episodes.c.item_id == bindparam("of_item"), episodes.c.number == bindparam("of_number")
    )
    _execute(connection, changed, (_changed(c, ids, run.id) for c in continued))
    # An episode that was closed earlier has no status in this run.
    of_run = (_status(c, ids, run.id) for c in changes if c.closed is None)
    _execute(connection, insert(statuses), of_run)


def prune(connection: Connection, before: datetime) -> int:
    """Delete runs from before a moment, with everything that belongs to them alone.

    Open episodes and waiting alerts stay, whatever their age. Returns how many runs were deleted.
    """
    # The last run stays in any case: the next one is compared with it.
    last = select(func.max(runs.c.id)).scalar_subquery()
    old = runs.c.as_of < before.isoformat(), runs.c.id != last
    deleted = [row.id for row in connection.execute(select(runs.c.id).where(*old))]
    for part in parts(deleted):
        connection.execute(delete(statuses).where(statuses.c.run_id.in_(part)))
        connection.execute(delete(runs).where(runs.c.id.in_(part)))
    oldest = select(func.min(runs.c.id)).scalar_subquery()
    # Closed before the oldest run that is left: nothing refers to it any more.
    over = episodes.c.closed.is_not(None), episodes.c.pending.is_(None), episodes.c.closed < oldest
    connection.execute(delete(episodes).where(*over))
    _delete_ended_alerts(connection)
    return len(deleted)


def _delete_ended_alerts(connection: Connection) -> None:
    """Delete alerts of episodes that no longer exist, and their deliveries, unless these wait."""
    known = (
        exists()
        .where(items.c.fingerprint == alerts.c.fingerprint)
        .where(episodes.c.item_id == items.c.id, episodes.c.number == alerts.c.episode)
    )
    in_delivery = delivered_alerts.c.delivery_id == deliveries.c.delivery_id
    waits = deliveries.c.state.in_(("held", "waiting"))
    of_waiting = exists().where(
        in_delivery, waits, delivered_alerts.c.alert_id == alerts.c.alert_id
    )
    over = select(alerts.c.alert_id).where(~known, ~of_waiting)
    connection.execute(delete(delivered_alerts).where(delivered_alerts.c.alert_id.in_(over)))
    connection.execute(delete(alerts).where(alerts.c.alert_id.in_(over)))
    # A refused delivery stays until a report has said so.
    reported = or_(deliveries.c.state != "refused", deliveries.c.reported)
    connection.execute(delete(deliveries).where(~waits, reported, ~exists().where(in_delivery)))


def _write_items(connection: Connection, changes: Sequence[Change]) -> dict[str, int]:
    """Insert new items, update how many episodes each has had, and return the ids of all."""
    # An item may change twice in one run: an old episode raises its last alert, a new one opens.
    highest: dict[str, tuple[Item, int]] = {}
    for change in changes:
        name = change.item.fingerprint
        if name not in highest or highest[name][1] < change.episode:
            highest[name] = change.item, change.episode
    known = {row.fingerprint: row for row in _items_by(connection, list(highest))}
    new = (_item_row(name, *item) for name, item in highest.items() if name not in known)
    _execute(connection, insert(items), new)
    more = (
        {"of_item": known[name].id, "episodes": number}
        for name, (_, number) in highest.items()
        if name in known and known[name].episodes < number
    )
    _execute(connection, update(items).where(items.c.id == bindparam("of_item")), more)
    ids = {name: row.id for name, row in known.items()}
    added = [name for name in highest if name not in known]
    return ids | {row.fingerprint: row.id for row in _items_by(connection, added)}


def _execute(
    connection: Connection, statement: Insert | Update, rows: Iterator[Mapping[str, object]]
) -> None:
    """Execute a statement for each row, some at a time: there may be hundreds of thousands."""
    while some := list(islice(rows, _ROWS_AT_A_TIME)):
        connection.execute(statement, some)


def _items_by(connection: Connection, fingerprints: Sequence[str]) -> list[StoredRow]:
    wanted = select(items.c.id, items.c.fingerprint, items.c.episodes)
    found: list[StoredRow] = []
    for part in parts(fingerprints):
        found += connection.execute(wanted.where(items.c.fingerprint.in_(part)))
    return found


def _item_row(fingerprint: str, item: Item, episode: int) -> dict[str, object]:
    named = ("kind", "code", "platform", "shop", "scope", "key")
    return {name: getattr(item, name) for name in named} | {
        "fingerprint": fingerprint,
        "episodes": episode,
    }


def _row(change: Change, ids: Mapping[str, int], run: Run) -> dict[str, object]:
    return {
        "item_id": ids[change.item.fingerprint],
        "number": change.episode,
        "opened": run.id,
        "since": run.as_of.isoformat(),
        **_standing(change, run.id),
    }


def _changed(change: Change, ids: Mapping[str, int], run_id: int) -> dict[str, object]:
    return {
        "of_item": ids[change.item.fingerprint],
        "of_number": change.episode,
        **_standing(change, run_id),
    }


def _standing(change: Change, run_id: int) -> dict[str, object]:
    """Return the columns of an episode row that change with each run."""
    return {
        "last": run_id,
        "closed": change.closed or (None if change.reason is None else run_id),
        "reason": change.reason,
        "status": change.status,
        "alerted": change.alerted,
        "pending": change.pending,
        "worsenings": change.worsenings,
        "item": json_text(change.item),
    }


def _status(change: Change, ids: Mapping[str, int], run_id: int) -> dict[str, object]:
    item = change.item
    return {
        "run_id": run_id,
        "item_id": ids[item.fingerprint],
        "episode": change.episode,
        "status": change.status,
        "state": item.state,
        "severity": item.severity,
        "count": item.count,
        "money": None if item.money is None else str(item.money),
    }


def _run(row: StoredRow) -> Run:
    plain_values = {name: getattr(row, name) for name in ("id", "program")}
    plain = {
        name: msgspec.json.decode(getattr(row, name))
        for name in ("inputs", "shops", "settings", "totals", "guards")
    }
    return msgspec.convert({**plain_values, **plain, "as_of": row.as_of}, Run)


def _episode(row: StoredRow) -> Episode:
    return Episode(
        item=msgspec.json.decode(row.item, type=Item),
        number=row.number,
        opened=row.opened,
        since=datetime.fromisoformat(row.since),
        status=row.status,
        closed=row.closed,
        reason=row.reason,
        alerted=row.alerted,
        pending=row.pending,
        worsenings=row.worsenings,
    )
