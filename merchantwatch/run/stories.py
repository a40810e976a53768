"""Findings at many moments → episodes: when each was warned of and broken. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from merchantwatch.reading.arrow import Row
from merchantwatch.results.backtest import Episode, EpisodeOutcome
from merchantwatch.run.thresholds import Threshold

Scope = tuple[str, str | None, str]
"""The platform, the shop and the key of a finding."""


class _Story(Struct):
    """An episode that has not ended."""

    warned_at: datetime | None = None
    broken_at: datetime | None = None
    due_at: datetime | None = None
    before: bool = False


class Stories(Struct):
    """All episodes of one rule with one threshold, built up moment by moment.

    ``single`` says that each finding is about one line, whose deadline is the finding's.
    ``warned`` and ``broken`` count, for each moment, new warnings and newly broken limits.
    """

    threshold: Threshold
    single: bool
    warned: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    _open: dict[Scope, _Story] = field(default_factory=dict)
    _closed: list[tuple[Scope, _Story]] = field(default_factory=list)

    def add(self, rows: Sequence[Row], at: datetime) -> None:
        """Add the findings of the rule at a moment; call it in the order of time."""
        first, open_now = not self.warned, {}
        self.warned.append(0)
        self.broken.append(0)
        for row in rows:
            state = self.threshold.state(row, at)
            if state is None:
                continue
            scope = (row["platform"], row["shop"], row["key"])
            story = open_now[scope] = self._open.pop(scope) if scope in self._open else _Story()
            # Once broken it stays so: what follows changes nothing about the warning.
            if story.broken_at is not None:
                continue
            if self.single:
                story.due_at = row["due_at"]
            if state == "breached":
                story.broken_at, story.before = at, first
                self.broken[-1] += 1
            elif story.warned_at is None:
                story.warned_at = at
                self.warned[-1] += 1
        self._closed += self._open.items()
        self._open = open_now

    def episodes(self, late: Mapping[Scope, datetime] | None) -> Iterator[Episode]:
        """Yield all episodes; ``late`` are the deadlines of single lines that were late at the end.

        A late line was broken even if no moment has shown it; a late line without an episode was
        missed. None: only the moments are known.
        """
        late = dict(late or {})
        ordered = [(scope, story, False) for scope, story in self._closed]
        ordered += [(scope, story, True) for scope, story in self._open.items()]
        # Reversed: of several episodes of a line the last one is the late one.
        for scope, story, lasts in reversed(ordered):
            due = late.pop(scope, None)
            if story.broken_at is None and due is not None:
                story = _Story(story.warned_at, due, due)  # noqa: PLW2901
            yield _episode(scope, story, _outcome(story, lasts=lasts))
        for scope, due in late.items():
            yield _episode(scope, _Story(None, due, due), "missed")


def _outcome(story: _Story, *, lasts: bool) -> EpisodeOutcome:
    if story.before:
        return "before"
    if story.broken_at is not None:
        return "missed" if story.warned_at is None else "came-true"
    return "open" if lasts else "averted"


def _episode(scope: Scope, story: _Story, outcome: EpisodeOutcome) -> Episode:
    platform, shop, key = scope
    return Episode(platform, shop, key, outcome, story.warned_at, story.due_at, story.broken_at)
