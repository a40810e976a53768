"""Alerts → deliveries: which channel gets which alerts, together or one by one. Pure functions."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from merchantwatch.notify.alerts import Alert, derived_id
from merchantwatch.notify.channels import Channel, Policy

MOST_SINGLE = 50
"""If one run has more alerts for a channel than this, they are one digest."""

MOST_GROUPS = 5
"""Alerts of more owners and shops than this are one digest, too: chats accept few messages."""

SentProblem = tuple[str, str, int]
"""A problem that was sent to a channel: the channel, the fingerprint and the episode."""


class Delivery(Struct, frozen=True):
    """Alerts for a channel; ``held``: to be sent only after the quiet hours."""

    delivery_id: str
    channel: str
    alerts: tuple[Alert, ...]
    held: bool


def deliveries(
    policy: Policy,
    alerts: Sequence[Alert],
    *,
    run: str,
    as_of: datetime,
    baseline: bool,
    followed: Collection[SentProblem],
    sent: Collection[tuple[str, str]],
    held: Mapping[str, str],
    one_by_one: Collection[str],
) -> Iterator[Delivery]:
    """Yield the deliveries of one run.

    ``followed`` are the channels that were sent each problem, ``sent`` which channel already has
    which ``alert_id``, ``held`` the digest of each channel that waits for the end of the quiet
    hours. The channels ``one_by_one`` get each alert separately, the others those of one owner
    and shop together.
    """
    quiet = policy.holds_back(as_of)
    for channel in policy.channels:
        chosen = [
            alert
            for alert in _chosen(channel, alerts, followed)
            if (channel.name, alert.alert_id) not in sent
        ]
        if not chosen:
            continue
        if quiet:
            # A night may have several runs: their alerts are added to one digest.
            name = held.get(channel.name) or _delivery_id(run, channel.name, chosen)
            yield Delivery(name, channel.name, tuple(chosen), held=True)
            continue
        # The first run of a history finds everything new: one digest, not a flood.
        together = policy.digest or baseline or len(chosen) > MOST_SINGLE
        for part in [chosen] if together else _parts(chosen, single=channel.name in one_by_one):
            name = _delivery_id(run, channel.name, part)
            yield Delivery(name, channel.name, tuple(part), held=False)


def _parts(alerts: Sequence[Alert], *, single: bool) -> list[list[Alert]]:
    """Divide alerts into those of one delivery each: single ones, or by owner and shop."""
    if single:
        return [[alert] for alert in alerts]
    groups = list(grouped(alerts).values())
    return groups if len(groups) <= MOST_GROUPS else [list(alerts)]


def grouped(alerts: Iterable[Alert]) -> dict[tuple[str, str], list[Alert]]:
    """Return alerts by owner and shop, both "" where there is none, in the order of the first."""
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        groups.setdefault((alert.owner or "", alert.shop or ""), []).append(alert)
    return groups


def _delivery_id(run: str, channel: str, alerts: Sequence[Alert]) -> str:
    # From its contents: a run that is repeated after a crash plans the same deliveries.
    return derived_id(run, channel, *(alert.alert_id for alert in alerts))


def _chosen(
    channel: Channel, alerts: Sequence[Alert], followed: Collection[SentProblem]
) -> Iterator[Alert]:
    """Yield the alerts that a channel gets; the end of a problem goes where the problem went."""
    for alert in alerts:
        if alert.state not in channel.states:
            continue
        if alert.state != "closed" or channel.states == ("closed",):
            if channel.is_for(alert):
                yield alert
        elif (channel.name, alert.fingerprint, alert.episode) in followed:
            # Its owner or severity may have changed since, but this channel has reported it.
            yield alert
