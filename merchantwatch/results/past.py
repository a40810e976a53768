"""The comparison of a run with earlier ones, as plain typed records."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from merchantwatch.language.text import Text

Hold = Literal["resolve", "alert"]
"""The effects of a guard: items do not count as resolved, or alerts are not raised."""

ItemStatus = Literal[
    "new", "ongoing", "worsened", "eased", "resolved", "gone", "unknown", "suppressed"
]
"""The change of a finding or a task since the last run."""


class Guard(msgspec.Struct, frozen=True):
    """A reason to doubt a run's inputs, of one ``shop`` or of all (None).

    Reports show its text first. ``holds`` says what it prevents.
    """

    code: str
    shop: str | None
    text: Text
    holds: tuple[Hold, ...] = ("resolve",)


class Standing(msgspec.Struct, frozen=True):
    """What has become of a finding or a task since the last run, and in which of its episodes.

    ``since`` is the as-of of the run that opened the episode.
    """

    status: ItemStatus
    episode: int
    since: datetime


class Passed(msgspec.Struct, frozen=True):
    """A finding or a task of earlier runs that this one did not find, as last recorded."""

    kind: str
    code: str
    platform: str
    shop: str | None
    scope: str
    key: str
    standing: Standing
    reason: str | None
    text: Text


class Point(msgspec.Struct, frozen=True):
    """The totals of one run."""

    as_of: datetime
    breached: int
    near: int
    tasks: int


class Past(msgspec.Struct, frozen=True):
    """A run compared with those before it; ``previous`` is None for the first of a history.

    ``run`` is None if it was only compared with a stored report, and not recorded. ``counts`` has
    the number of findings and of tasks by status. ``standings`` are by the fingerprints of findings
    and tasks. ``known_guards`` are the codes and shops of the previous run's guards. ``trend`` are
    the last runs, the oldest first, this one last.
    """

    run: int | None
    previous: int | None
    previous_as_of: datetime | None
    counts: Mapping[str, Mapping[ItemStatus, int]]
    standings: Mapping[str, Standing]
    passed: tuple[Passed, ...] = ()
    known_guards: tuple[tuple[str, str | None], ...] = ()
    trend: tuple[Point, ...] = ()

    def has_news(self, guards: Iterable[Guard]) -> bool:
        """Say whether anything worth reporting has changed since the run before."""
        changed = any(of_kind.get(status) for of_kind in self.counts.values() for status in _NEWS)
        # The same guard night after night is no news, nor that nothing new was exported.
        new_guard = any(
            guard.code != SAME_INPUTS and (guard.code, guard.shop) not in self.known_guards
            for guard in guards
        )
        return self.previous_as_of is None or changed or new_guard


_NEWS: tuple[ItemStatus, ...] = ("new", "worsened", "resolved", "gone")

SAME_INPUTS = "same-inputs"
"""The code of the guard that all files have the content of the last run's."""


def fingerprint(code: str, platform: str, shop: str | None, scope: str, key: str) -> str:
    """Return the identity of a finding or task, which stays the same from night to night."""
    # As JSON, in which no two lists of values look the same; None differs from "".
    named = msgspec.json.encode([code, platform, shop, scope, key])
    return hashlib.blake2b(named, digest_size=_FINGERPRINT_BYTES).hexdigest()


_FINGERPRINT_BYTES = 16
