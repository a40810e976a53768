"""Deliveries waiting in the history, and the outcomes of attempts to send them.

A delivery is ``held`` during the quiet hours, ``waiting`` until the receiver has it, then ``sent``;
or ``refused`` for good, or ``dropped`` by the user. Each function works on a connection in a
transaction of the caller's.
"""

from collections.abc import Iterator

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    delete,
    exists,
    select,
    update,
)

from merchantwatch.history.parameters import json_text, parts
from merchantwatch.history.tables import StoredRow, alerts, delivered_alerts, deliveries
from merchantwatch.language.text import Text
from merchantwatch.notify.alerts import STATES, Alert
from merchantwatch.notify.outcomes import Outcome


class Waiting(Struct, frozen=True):
    """A delivery that is to be sent. ``unclear``: an earlier attempt may have arrived."""

    id: int
    delivery_id: str
    channel: str
    run: str
    attempts: int
    unclear: bool
    counts: dict[str, int]
    alerts: tuple[Alert, ...]


class Undelivered(Struct, frozen=True):
    """Alerts that a channel does not have yet, or, ``refused``, will never have."""

    channel: str
    alerts: int
    refused: bool
    why: Text


def release(connection: Connection) -> None:
    """Release the deliveries that waited for the end of the quiet hours."""
    free = update(deliveries).where(deliveries.c.state == "held")
    connection.execute(free.values(state="waiting"))


def drop(connection: Connection, channel: str) -> int:
    """Give up what waits for a channel; return how many deliveries it was."""
    unsent = deliveries.c.channel == channel, deliveries.c.state.in_(("held", "waiting"))
    return connection.execute(update(deliveries).where(*unsent).values(state="dropped")).rowcount


def waiting(connection: Connection) -> list[Waiting]:
    """Return the deliveries that are to be sent, the oldest first."""
    chosen = select(deliveries).where(deliveries.c.state == "waiting").order_by(deliveries.c.id)
    return [_waiting(connection, row) for row in connection.execute(chosen).all()]


def claim(connection: Connection, delivery: Waiting) -> bool:
    """Record that an attempt begins, its outcome still unclear; False if another process did."""
    # Compare and set: of two processes that read the same number of attempts, one wins.
    unclaimed = update(deliveries).where(
        deliveries.c.id == delivery.id,
        deliveries.c.state == "waiting",
        deliveries.c.attempts == delivery.attempts,
    )
    done = connection.execute(unclaimed.values(attempts=delivery.attempts + 1, unclear=True))
    return done.rowcount == 1


def after(delivery: Waiting, outcome: Outcome) -> Waiting:
    """Return the state of a delivery after a failed attempt."""
    unclear = delivery.unclear or outcome.kind == "unclear"
    return replace(delivery, attempts=delivery.attempts + 1, unclear=unclear)


def mark(connection: Connection, delivery: Waiting, outcome: Outcome) -> None:
    """Record the outcome of an attempt."""
    # What failed or is unclear is tried again by the next run or by `notify flush`.
    state = outcome.kind if outcome.kind in ("sent", "refused") else "waiting"
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery.id)
        .values(
            state=state,
            unclear=delivery.unclear or outcome.kind == "unclear",
            why=json_text(outcome.why),
            reported=False,
        )
    )
    if state != "waiting":
        _delete_contents(connection, delivery)
        _delete_ended_episodes(connection, delivery)


def _delete_contents(connection: Connection, delivery: Waiting) -> None:
    """Delete the texts of alerts that have no delivery left to send, so the history stays small."""
    again = update(alerts).where(alerts.c.alert_id.in_(_alerts_in(delivery)), ~_awaited(alerts))
    connection.execute(again.values(content=""))


def _delete_ended_episodes(connection: Connection, delivery: Waiting) -> None:
    """Delete the alerts of episodes whose end has been sent to every channel concerned.

    Nothing can follow: if the item comes back, that is another episode.
    """
    end, other = alerts.alias(), alerts.alias()
    same = end.c.fingerprint == alerts.c.fingerprint, end.c.episode == alerts.c.episode
    ended = exists().where(*same, end.c.state == "closed", end.c.alert_id.in_(_alerts_in(delivery)))
    awaited = (
        exists()
        .where(other.c.fingerprint == alerts.c.fingerprint, other.c.episode == alerts.c.episode)
        .where(_awaited(other))
    )
    over = connection.execute(select(alerts.c.alert_id).where(ended, ~awaited)).scalars().all()
    for part in parts(over):
        connection.execute(delete(delivered_alerts).where(delivered_alerts.c.alert_id.in_(part)))
        connection.execute(delete(alerts).where(alerts.c.alert_id.in_(part)))
    if over:
        empty = ~exists().where(delivered_alerts.c.delivery_id == deliveries.c.delivery_id)
        connection.execute(delete(deliveries).where(deliveries.c.state == "sent", empty))


def _alerts_in(delivery: Waiting) -> Select[tuple[str]]:
    of_delivery = delivered_alerts.c.delivery_id == delivery.delivery_id
    return select(delivered_alerts.c.alert_id).where(of_delivery)


def _awaited(some: FromClause) -> ColumnElement[bool]:
    """Return the condition that a delivery with an alert is still to be sent."""
    return (
        exists()
        .where(delivered_alerts.c.alert_id == some.c.alert_id)
        .where(delivered_alerts.c.delivery_id == deliveries.c.delivery_id)
        .where(deliveries.c.state.in_(("held", "waiting")))
    )


def unreported(connection: Connection) -> list[Undelivered]:
    """Return undelivered alerts that no report has mentioned, and mark them as reported."""
    failed = deliveries.c.state == "waiting", deliveries.c.why.is_not(None)
    rows = [*_undelivered(connection, *failed)]
    new = deliveries.c.state == "refused", deliveries.c.reported.is_(False)
    rows += _undelivered(connection, *new)
    connection.execute(update(deliveries).where(*new).values(reported=True))
    return rows


def contents(connection: Connection, delivery_id: str) -> tuple[Alert, ...]:
    """Return the alerts that a delivery holds."""
    chosen = (
        select(alerts.c.content)
        .join(delivered_alerts, delivered_alerts.c.alert_id == alerts.c.alert_id)
        .where(delivered_alerts.c.delivery_id == delivery_id)
        .order_by(alerts.c.run_id, alerts.c.alert_id)
    )
    return tuple(msgspec.json.decode(row.content, type=Alert) for row in connection.execute(chosen))


def _waiting(connection: Connection, row: StoredRow) -> Waiting:
    return Waiting(
        row.id,
        row.delivery_id,
        row.channel,
        str(row.run_id),
        row.attempts,
        row.unclear,
        msgspec.json.decode(row.counts),
        contents(connection, row.delivery_id),
    )


def _undelivered(connection: Connection, *chosen: ColumnElement[bool]) -> Iterator[Undelivered]:
    """Yield, by channel, how many alerts of the chosen deliveries it has not got, and why."""
    wanted = select(deliveries).where(*chosen).order_by(deliveries.c.id)
    by_channel: dict[str, list[StoredRow]] = {}
    for row in connection.execute(wanted):
        by_channel.setdefault(row.channel, []).append(row)
    for channel, rows in by_channel.items():
        # The newest reason: older ones may have been about an address that was corrected.
        why = msgspec.json.decode(rows[-1].why, type=Text)
        total = sum(_alerts_of(row) for row in rows)
        yield Undelivered(channel, total, rows[-1].state == "refused", why)


def _alerts_of(row: StoredRow) -> int:
    """Return how many alerts a delivery has, or had."""
    # By its counts: the alerts themselves may have been deleted.
    counts: dict[str, int] = msgspec.json.decode(row.counts)
    return sum(counts[state] for state in STATES)
