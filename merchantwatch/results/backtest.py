"""The result of a backtest, as plain typed records: warnings, and what became of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

import msgspec
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.results.inputs import InputFile

EpisodeOutcome = Literal["came-true", "averted", "open", "missed", "before"]
"""What became of a finding with a warning (the first three), or of one broken without any.

``averted``: it was never broken; ``open``: it was still near at the end; ``before``: it was already
broken when the backtest began, so that a warning before is unknown.
"""

MOST_EPISODES = 1_000
"""At most this many episodes of a rule are listed; all are counted."""


class Episode(msgspec.Struct, frozen=True):
    """A finding from the moment that first shows it to the one that no longer does.

    ``due_at`` is its deadline, if it has a single one. ``warned_at`` and ``broken_at`` are the
    first moments that show it near and broken; for a line that became late in between, its
    deadline.
    """

    platform: str
    shop: str | None
    key: str
    outcome: EpisodeOutcome
    warned_at: datetime | None = None
    due_at: datetime | None = None
    broken_at: datetime | None = None

    @property
    def lead(self) -> timedelta | None:
        """How long the warning came before the deadline, or before the limit was broken."""
        # A deadline says how much time there was to act; the moments of a backtest are apart by
        # days.
        end = self.due_at or self.broken_at
        return end - self.warned_at if self.warned_at and end else None


class OutcomeCounts(Struct, frozen=True):
    """The number of findings with each outcome, and the lead times of the warnings."""

    came_true: int = 0
    averted: int = 0
    open: int = 0
    missed: int = 0
    before: int = 0
    leads: tuple[timedelta, ...] = ()

    @property
    def warned(self) -> int:
        """How many were warned of."""
        return self.came_true + self.averted + self.open

    @property
    def least(self) -> timedelta | None:
        """The shortest warning."""
        return min(self.leads, default=None)

    @property
    def middle(self) -> timedelta | None:
        """The median of the warnings."""
        seconds = [lead.total_seconds() for lead in self.leads]
        return timedelta(seconds=median(seconds)) if seconds else None


def count_outcomes(episodes: Iterable[Episode]) -> OutcomeCounts:
    """Count episodes by what became of them."""
    counts = dict.fromkeys(("came-true", "averted", "open", "missed", "before"), 0)
    leads = []
    for episode in episodes:
        counts[episode.outcome] += 1
        if episode.lead is not None:
            leads.append(episode.lead)
    return OutcomeCounts(
        **{name.replace("-", "_"): n for name, n in counts.items()}, leads=tuple(leads)
    )


class Tried(Struct, frozen=True):
    """A threshold, the rule's current one or another, and the result that it would have had."""

    setting: str
    value: str
    is_current: bool
    outcomes: OutcomeCounts


class RuleTested(Struct, frozen=True):
    """A rule over all moments; ``warns`` says whether it has any warning at all."""

    code: str
    title: Text
    scope: str
    warns: bool
    outcomes: OutcomeCounts
    tried: tuple[Tried, ...]
    episodes: tuple[Episode, ...]


class Night(Struct, frozen=True):
    """One moment: the number of new warnings and of newly broken limits."""

    as_of: datetime
    warned: int
    broken: int


class Backtest(Struct, frozen=True):
    """The whole result of a backtest."""

    lang: str
    tz: str
    every: timedelta
    nights: tuple[Night, ...]
    rules: tuple[RuleTested, ...]
    not_evaluated: tuple[str, ...]
    failed: tuple[Text, ...]
    files: tuple[InputFile, ...]

    @property
    def totals(self) -> OutcomeCounts:
        """All rules together."""
        of_rules = [rule.outcomes for rule in self.rules]
        names = ("came_true", "averted", "open", "missed", "before")
        sums = {name: sum(getattr(counted, name) for counted in of_rules) for name in names}
        return OutcomeCounts(
            **sums, leads=tuple(lead for counted in of_rules for lead in counted.leads)
        )


def listed(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    """Return the episodes that are listed: those that went wrong first, then by time."""
    # What no one was warned of is what a reader of a backtest looks for.
    order = ("missed", "came-true", "open", "averted", "before")
    ranked = sorted(
        episodes,
        key=lambda episode: (
            order.index(episode.outcome),
            episode.warned_at or episode.broken_at or datetime.max,  # noqa: DTZ901  wall-clock time
            episode.platform,
            episode.shop or "",
            episode.key,
        ),
    )
    return tuple(ranked[:MOST_EPISODES])
