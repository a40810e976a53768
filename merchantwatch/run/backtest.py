"""The conductor of a backtest: past exports judged at many moments, and what became of warnings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from msgspec import Struct, field

from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
from merchantwatch.pipeline import coverage
from merchantwatch.pipeline.rendering import render_sql
from merchantwatch.results import collect
from merchantwatch.results.backtest import (
    Backtest,
    Night,
    RuleTested,
    Tried,
    count_outcomes,
    listed,
)
from merchantwatch.results.inputs import InputFile
from merchantwatch.results.judged import Judged
from merchantwatch.rules import BoundRule, Risk, Rule, Rulebook
from merchantwatch.run.scan import counted, look
from merchantwatch.run.start import nothing_read
from merchantwatch.run.stories import Scope, Stories
from merchantwatch.run.thresholds import outlasting, outlasts, thresholds, widened
from merchantwatch.settings import Settings

MOST_MOMENTS = 2_000

Rows = dict[str, list[dict[str, Any]]]
"""Findings by the code of their rule."""


class Timeline(Struct, frozen=True):
    """The moments of a backtest: from, until and how often; None: the span of the data."""

    begin: datetime | None
    end: datetime | None
    every: timedelta


class _Rules(Struct):
    """The rules as the user has them, before a replay widens their warnings."""

    book: Rulebook = field(default_factory=lambda: Rulebook(rules=(), risk=None))

    def widened(self, book: Rulebook) -> Rulebook:
        """Remember rules, and return them widened."""
        self.book = book
        return widened(book)


class _Last(Struct, frozen=True):
    """Facts of the last replay besides its findings; ``foreign`` are rules of other platforms."""

    missing: tuple[str, ...]
    foreign: frozenset[str]
    failed: tuple[Text, ...]
    files: tuple[InputFile, ...]


def backtest(
    inputs: Sequence[object],
    settings: Settings,
    timeline: Timeline,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Backtest:
    """Replay the inputs at moment after moment; return the warnings and what became of them.

    ``progress`` is called with the number of replayed moments and of all. Raises UsageError for
    invalid or too many moments, and InputError when no input could be read.
    """
    moments = _moments(inputs, settings, timeline)
    rules, stories = _Rules(), dict[str, list[Stories]]()
    last = _Last((), frozenset(), (), ())
    for number, at in enumerate(moments):
        progress(number, len(moments))
        # Read again each time: as-of decides which events and rows of a file exist yet.
        with counted(inputs, replace(settings, as_of=at), rules.widened) as found:
            rows, last = _rows(found), _last(found)
        stories = stories or {code: _stories(e, settings) for code, e in _entries(rules.book)}
        for code, every in stories.items():
            for one in every:
                one.add(rows[code], at)
    # What became late and was done between two moments is in none of the replays.
    late = _late(inputs, settings, moments, rules.book)
    tested = tuple(_tested(e, stories[code], late) for code, e in _entries(rules.book))
    return Backtest(
        lang=settings.lang,
        tz=settings.tz,
        every=timeline.every,
        nights=_nights(moments, stories),
        rules=tuple(rule for rule in tested if rule.code not in {*last.missing, *last.foreign}),
        not_evaluated=last.missing,
        failed=last.failed,
        files=last.files,
    )


def _moments(inputs: Sequence[object], settings: Settings, timeline: Timeline) -> list[datetime]:
    """Return the moments to judge at: by default every midnight from the first order on."""
    begin, end = timeline.begin, timeline.end
    if begin is None or end is None:
        with look(inputs, settings) as looked:
            if looked.taken.failed and not looked.taken.exports:
                raise nothing_read(looked.taken)
            (row,) = looked.engine.table(coverage.span()).to_pylist()
        first = row["first_created"]
        # On the day of the first order nothing can be late.
        begin = begin or (first and datetime.combine(first + timedelta(days=1), time()))
        end = end or row["newest_event"]
    if begin is None or end is None or begin > end:
        raise UsageError(
            f"there is no moment to judge at (from {begin}, to {end}); give --from and --to",
            f"没有可供判定的时刻（自 {begin} 至 {end}）；请给出 --from 与 --to",
        )
    # Counted, not listed: an interval of seconds over years would fill the memory.
    number = (end - begin) // timeline.every + 1
    if number > MOST_MOMENTS:
        raise UsageError(
            f"{number:,} moments are more than {MOST_MOMENTS:,}; give a longer --every",
            f"共 {number:,} 个时刻，超过 {MOST_MOMENTS:,} 个；请加大 --every",
        )
    return [begin + timeline.every * n for n in range(number)]


def _rows(found: Judged) -> Rows:
    rows: Rows = defaultdict(list)
    for row in found.engine.table(render_sql("verdicts")).to_pylist():
        rows[row["code"]].append(row)
    return rows


def _last(found: Judged) -> _Last:
    return _Last(
        missing=tuple(sorted(set(found.plan.missing) & {b.code for b in _rules_of(found.book)})),
        foreign=frozenset(found.plan.not_applicable),
        failed=tuple(Text(zh=error.zh, en=error.en) for error in found.taken.failed),
        files=tuple(collect.inputs(found.taken, found.tally)),
    )


def _rules_of(book: Rulebook) -> list[BoundRule]:
    return [bound for bound in book.rules if not bound.rule.is_signal]


def _entries(book: Rulebook) -> Iterator[tuple[str, Rule | Risk]]:
    for bound in _rules_of(book):
        yield bound.code, bound.rule
    if book.risk is not None and book.signals:
        yield book.risk.code, book.risk


def _stories(entry: Rule | Risk, settings: Settings) -> list[Stories]:
    single = (
        isinstance(entry, Rule) and entry.per == "line" and entry.has_due and not entry.again_every
    )
    return [Stories(one, single=single) for one in thresholds(entry, settings.zone)]


def _late(
    inputs: Sequence[object], settings: Settings, moments: Sequence[datetime], book: Rulebook
) -> Mapping[str, Mapping[Scope, datetime]]:
    """Return by rule the single lines that were late at the end, if due since the beginning."""
    found: dict[str, dict[Scope, datetime]] = {
        bound.code: {} for bound in book.rules if outlasts(bound.rule)
    }
    if not found:
        return found
    with counted(inputs, replace(settings, as_of=moments[-1]), outlasting) as counts:
        for code, rows in _rows(counts).items():
            for row in rows:
                if row["state"] == "breached" and row["due_at"] >= moments[0]:
                    found[code][row["platform"], row["shop"], row["key"]] = row["due_at"]
    return found


def _tested(
    entry: Rule | Risk, every: Sequence[Stories], late: Mapping[str, Mapping[Scope, datetime]]
) -> RuleTested:
    known = late.get(entry.code)
    usual, *others = (list(one.episodes(known)) for one in every)
    tried = zip(every, (usual, *others), strict=True)
    return RuleTested(
        code=entry.code,
        title=entry.title,
        scope=entry.per if isinstance(entry, Rule) else "line",
        warns=len(every) > 1 or any(one.warned_at for one in usual) or _warns(entry),
        outcomes=count_outcomes(usual),
        tried=tuple(
            Tried(
                one.threshold.setting,
                one.threshold.value,
                one.threshold.is_current,
                count_outcomes(some),
            )
            for one, some in tried
            if len(every) > 1
        ),
        episodes=listed(usual),
    )


def _warns(entry: Rule | Risk) -> bool:
    return isinstance(entry, Risk) or any(
        (entry.near, entry.share_near, entry.near_before, entry.near_after, entry.forecast)
    )


def _nights(
    moments: Sequence[datetime], stories: Mapping[str, Sequence[Stories]]
) -> tuple[Night, ...]:
    """Return how many findings were new at each moment, by the rules' current thresholds."""
    usual = [every[0] for every in stories.values()]
    return tuple(
        Night(at, sum(one.warned[n] for one in usual), sum(one.broken[n] for one in usual))
        for n, at in enumerate(moments)
    )
