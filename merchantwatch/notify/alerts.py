"""Alerts as plain records: a change of one item, as it is stored and sent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Literal

import msgspec

from merchantwatch.language.text import Text

State = Literal["opened", "worsened", "closed"]

STATES: tuple[State, ...] = ("opened", "worsened", "closed")

SCHEMA = "merchantwatch.alert/1"

_ID_SIGNS = 32


class Alert(msgspec.Struct, frozen=True):
    """One change of an episode that is sent, as it was when it happened.

    ``level`` is how bad the item was then, ``reason`` why it was closed: a status, or that its
    rule is no longer in use.
    """

    fingerprint: str
    episode: int
    state: State
    status: str
    kind: Literal["finding", "task"]
    code: str
    platform: str
    shop: str | None
    scope: str
    key: str
    severity: str
    due_at: datetime | None
    owner: str | None
    text: Text
    level: str = ""
    reason: str | None = None

    @property
    def alert_id(self) -> str:
        """The alert's id, the same for the same change, however often it is derived."""
        # An item that worsens to a level, eases and worsens to it again is one alert: no message
        # has said in between that it was better.
        level = self.level if self.state == "worsened" else ""
        return derived_id(self.fingerprint, str(self.episode), self.state, level)


def derived_id(*parts: str) -> str:
    """Return an id of 32 hexadecimal digits that is the same for the same parts."""
    # NUL occurs in no part, so that no two lists of parts join to one text.
    return sha256("\0".join(parts).encode()).hexdigest()[:_ID_SIGNS]


def counted(alerts: Iterable[Alert], still_open: int) -> dict[str, int]:
    """Return how many alerts there are in each state, and how many items are open at all."""
    states = Counter(alert.state for alert in alerts)
    return {**{state: states[state] for state in STATES}, "open": still_open}


def payload(
    alerts: Iterable[Alert],
    counts: Mapping[str, int],
    *,
    delivery_id: str,
    run: str,
    attempt: int,
    lang: str,
) -> dict[str, object]:
    """Return the body of a plain webhook's request, as plain JSON values."""
    return {
        "schema": SCHEMA,
        "delivery_id": delivery_id,
        "attempt": attempt,
        "run": run,
        "alerts": [_sent(alert, lang) for alert in alerts],
        "counts": dict(counts),
    }


def _sent(alert: Alert, lang: str) -> dict[str, object]:
    return {
        "alert_id": alert.alert_id,
        "fingerprint": alert.fingerprint,
        "episode": alert.episode,
        "state": alert.state,
        "status": alert.status,
        "reason": alert.reason,
        "kind": alert.kind,
        "code": alert.code,
        "platform": alert.platform,
        "shop": alert.shop,
        "scope": alert.scope,
        "key": alert.key,
        "severity": alert.severity,
        "due_at": alert.due_at.isoformat() if alert.due_at else None,
        "owner": alert.owner,
        # In the language of the sending run: the alert itself is stored in both.
        "text": alert.text.of(lang),
    }
