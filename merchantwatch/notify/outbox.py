"""Writing a run's deliveries into the history, in the transaction that writes the run."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from merchantwatch.history.episodes import Change
from merchantwatch.history.parameters import json_text, parts
from merchantwatch.history.tables import alerts, delivered_alerts, deliveries
from merchantwatch.notify.alerts import Alert, counted
from merchantwatch.notify.attempts import contents
from merchantwatch.notify.channels import Policy
from merchantwatch.notify.of_changes import alerts_of, open_items
from merchantwatch.notify.planning import Delivery, SentProblem, deliveries as planned


def enqueue(
    connection: Connection,
    policy: Policy,
    changes: Sequence[Change],
    *,
    run_id: int,
    as_of: datetime,
    baseline: bool,
    one_by_one: Collection[str] = (),
) -> int:
    """Write the deliveries of a run, in the transaction that writes the run; return how many.

    ``baseline``: the run is the first of its history. See ``planning.deliveries``.
    """
    raised = alerts_of(changes)
    if not raised or not policy.channels:
        return 0
    held = _held(connection)
    plan = list(
        planned(
            policy,
            raised,
            run=str(run_id),
            as_of=as_of,
            baseline=baseline,
            followed=_followed(connection, raised),
            sent=_sent(connection, raised),
            held=held,
            one_by_one=one_by_one,
        )
    )
    _write_alerts(connection, run_id, plan)
    for delivery in plan:
        known = delivery.delivery_id in held.values()
        write = _add_to_held if known else _write_delivery
        write(connection, run_id, delivery, open_items(changes))
    return len(plan)


def _held(connection: Connection) -> dict[str, str]:
    chosen = select(deliveries.c.channel, deliveries.c.delivery_id)
    rows = connection.execute(chosen.where(deliveries.c.state == "held"))
    return {row.channel: row.delivery_id for row in rows}


def _followed(connection: Connection, raised: Sequence[Alert]) -> set[SentProblem]:
    """Return the channels that were sent a problem that has ended now."""
    # Only ends depend on where their problem went.
    over = {alert.fingerprint for alert in raised if alert.state == "closed"}
    chosen = (
        select(deliveries.c.channel, alerts.c.fingerprint, alerts.c.episode)
        .join(delivered_alerts, delivered_alerts.c.alert_id == alerts.c.alert_id)
        .join(deliveries, deliveries.c.delivery_id == delivered_alerts.c.delivery_id)
        .where(alerts.c.state != "closed", deliveries.c.state != "refused")
    )
    found: set[SentProblem] = set()
    for part in parts(sorted(over)):
        rows = connection.execute(chosen.where(alerts.c.fingerprint.in_(part)))
        found.update((row.channel, row.fingerprint, row.episode) for row in rows)
    return found


def _sent(connection: Connection, raised: Sequence[Alert]) -> set[tuple[str, str]]:
    """Return which channel already has which of these alerts, sent or waiting."""
    chosen = select(delivered_alerts.c.channel, delivered_alerts.c.alert_id)
    found: set[tuple[str, str]] = set()
    for part in parts([alert.alert_id for alert in raised]):
        rows = connection.execute(chosen.where(delivered_alerts.c.alert_id.in_(part)))
        found.update((row.channel, row.alert_id) for row in rows)
    return found


def _write_alerts(connection: Connection, run_id: int, plan: Iterable[Delivery]) -> None:
    chosen = {alert.alert_id: alert for delivery in plan for alert in delivery.alerts}
    known: set[str] = set()
    for part in parts(sorted(chosen)):
        rows = connection.execute(select(alerts.c.alert_id).where(alerts.c.alert_id.in_(part)))
        known.update(row.alert_id for row in rows)
    new = [_alert_row(alert, run_id) for name, alert in chosen.items() if name not in known]
    if new:
        connection.execute(insert(alerts), new)
    # The content of a known alert was deleted once it had been sent to all channels.
    # One by one: known alerts that are raised again are rare.
    for name in known:
        again = update(alerts).where(alerts.c.alert_id == name)
        connection.execute(again.values(content=json_text(chosen[name])))


def _alert_row(alert: Alert, run_id: int) -> dict[str, object]:
    return {
        "alert_id": alert.alert_id,
        "run_id": run_id,
        "fingerprint": alert.fingerprint,
        "episode": alert.episode,
        "state": alert.state,
        "content": json_text(alert),
    }


def _write_delivery(
    connection: Connection, run_id: int, delivery: Delivery, still_open: int
) -> None:
    connection.execute(
        insert(deliveries).values(
            delivery_id=delivery.delivery_id,
            run_id=run_id,
            channel=delivery.channel,
            state="held" if delivery.held else "waiting",
            attempts=0,
            unclear=False,
            reported=False,
            counts=json_text(counted(delivery.alerts, still_open)),
        )
    )
    _write_contents(connection, delivery)


def _add_to_held(connection: Connection, run_id: int, delivery: Delivery, still_open: int) -> None:
    """Add alerts to the digest that waits for the end of the quiet hours."""
    _write_contents(connection, delivery)
    same = deliveries.c.delivery_id == delivery.delivery_id
    alerts = contents(connection, delivery.delivery_id)
    connection.execute(
        update(deliveries)
        .where(same)
        .values(run_id=run_id, counts=json_text(counted(alerts, still_open)))
    )


def _write_contents(connection: Connection, delivery: Delivery) -> None:
    named = {"delivery_id": delivery.delivery_id, "channel": delivery.channel}
    rows = [{**named, "alert_id": alert.alert_id} for alert in delivery.alerts]
    connection.execute(insert(delivered_alerts), rows)
