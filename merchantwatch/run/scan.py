"""The conductor: the stages of a run, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from merchantwatch.pipeline.after_reading import COUNTING, JUDGING, AllRead, follow
from merchantwatch.pipeline.plan import Plan, plan_of
from merchantwatch.reading import Taken
from merchantwatch.reading.digests import Digests
from merchantwatch.reading.rewritten import Stamp
from merchantwatch.results import collect
from merchantwatch.results.accounting import Tally, tally_lines
from merchantwatch.results.judged import Judged
from merchantwatch.results.model import Results
from merchantwatch.rules import Rulebook
from merchantwatch.run.cache import Cache, cache_of
from merchantwatch.run.reading import Progress, Reading
from merchantwatch.run.start import nothing_read, opened
from merchantwatch.settings import Settings

AFTER_ALL = datetime(2100, 1, 1)  # noqa: DTZ001  wall-clock time
"""A moment after every time that is read as one."""

_ENOUGH_TO_COUNT = "100MB"
"""The engine's memory while nothing is judged: with more, millions of rows are hardly faster."""


@dataclass(frozen=True, eq=False)
class Run(Judged):
    """One finished run: what it has judged, and what that comes to."""

    results: Results
    cache: Cache

    @property
    def files(self) -> tuple[Stamp, ...]:
        """The files that were read, as they were before they were opened."""
        return tuple(self.taken.stamps)

    @property
    def digests(self) -> Digests:
        """The files by their content, as far as anybody asked."""
        return self.cache.digests


def run(
    inputs: Sequence[object],
    settings: Settings,
    watched: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Read the inputs, judge every line, and count; use what is returned in a ``with`` statement.

    The line or order of the id ``watched`` stays at hand, whatever the rules say of it;
    ``progress`` hears what is judged. Raises UsageError for wrong settings, and InputError when
    no input at all could be read.
    """
    cache = cache_of(settings) if watched is None else Cache()
    with opened(inputs, settings) as (engine, taken, book):
        reading = Reading(engine, settings, taken, book, book, watched, progress, cache)
        judged = _judged(reading)
        return Run(**vars(judged), results=collect.results(judged), cache=cache)


def counted(
    inputs: Sequence[object], settings: Settings, of: Callable[[Rulebook], Rulebook]
) -> Judged:
    """Judge and count by what ``of`` makes of the rules, as ``run`` does, and put nothing in words.

    Raises UsageError and InputError as ``run`` does.
    """
    with opened(inputs, settings) as (engine, taken, every_rule):
        book = of(every_rule)
        return _judged(Reading(engine, settings, taken, book, book))


def _judged(reading: Reading) -> Judged:
    """Read, judge, and count hits by scope."""
    taken = reading.taken
    tally = tally_lines(reading.engine, reading.lines())
    if taken.failed and not taken.exports:
        raise nothing_read(taken)
    plan = _final_plan(reading.book, taken, tally)
    read = AllRead(reading.engine, tally.lines, plan)
    follow(JUDGING, read)
    follow(COUNTING, read)
    return Judged(reading.engine, reading.settings, reading.book, plan, tally, taken)


def look(inputs: Sequence[object], settings: Settings) -> Judged:
    """Read the inputs as a run does, judge nothing, and say what a run could judge by.

    Whatever as-of is, no line counts as later. The stored rows are only counted, so that they may
    soon wait on the disk. Raises UsageError for wrong settings.
    """
    settings = replace(settings, as_of=AFTER_ALL)
    with opened(inputs, settings, thrifty=_ENOUGH_TO_COUNT) as (engine, taken, book):
        none = Rulebook(rules=(), risk=None)
        tally = tally_lines(engine, Reading(engine, settings, taken, book, none).lines())
        unjudged = _final_plan(none, taken, tally)
        follow(JUDGING, AllRead(engine, tally.lines, unjudged))
        return Judged(engine, settings, book, _final_plan(book, taken, tally), tally, taken)


def _final_plan(book: Rulebook, taken: Taken, tally: Tally) -> Plan:
    """Return what the lines that were read can be judged by."""
    supplied, named = tally.lines.supplied, bool(tally.lines.layout.platforms.naming)
    known = tally.events_known
    return plan_of(book, taken.exports, tally.platforms, supplied, known, named=named)
