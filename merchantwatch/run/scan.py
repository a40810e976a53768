"""The conductor of a scan: the stages of a run, in order."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec.structs import asdict

from merchantwatch.pipeline.after_reading import COUNTING, JUDGING, RunState, create_steps
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
"""A moment after every valid time."""

_ENOUGH_TO_COUNT = "100MB"
"""The engine's memory while nothing is judged: with more, millions of rows are hardly faster."""


class Run(Judged, frozen=True, eq=False):
    """One finished run: the state after judging, and its results."""

    results: Results
    cache: Cache

    @property
    def files(self) -> tuple[Stamp, ...]:
        """The files that were read, as they were before they were opened."""
        return tuple(self.taken.stamps)

    @property
    def digests(self) -> Digests:
        """The digests of files, as far as they have been computed."""
        return self.cache.digests


def run(
    inputs: Sequence[object],
    settings: Settings,
    watched: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Read the inputs, judge every line, and count; use the result in a ``with`` statement.

    The line or order with the id ``watched`` is stored whatever its states; ``progress`` is called
    with judged rows. Raises UsageError for invalid settings, and InputError when no input at all
    could be read.
    """
    # A watched line is stored although no rule needs it: that must not get into the cache.
    cache = cache_of(settings) if watched is None else Cache()
    with opened(inputs, settings) as (engine, taken, book):
        reading = Reading(engine, settings, taken, book, book, watched, progress, cache)
        judged = _judged(reading)
        return Run(**asdict(judged), results=collect.results(judged), cache=cache)


def counted(
    inputs: Sequence[object], settings: Settings, of: Callable[[Rulebook], Rulebook]
) -> Judged:
    """Judge and count as ``run`` does, by the rules that ``of`` returns, without any texts.

    Raises UsageError and InputError as ``run`` does.
    """
    with opened(inputs, settings) as (engine, taken, every_rule):
        book = of(every_rule)
        return _judged(Reading(engine, settings, taken, book, book))


def _judged(reading: Reading) -> Judged:
    """Read, judge, and count hits by scope."""
    taken = reading.taken
    tally = tally_lines(reading.engine, reading.lines())
    # Nothing was read: an empty report would look like a shop without problems.
    if taken.failed and not taken.exports:
        raise nothing_read(taken)
    plan = _final_plan(reading.book, taken, tally)
    read = RunState(reading.engine, tally.lines, plan)
    create_steps(JUDGING, read)
    create_steps(COUNTING, read)
    return Judged(reading.engine, reading.settings, reading.book, plan, tally, taken)


def look(inputs: Sequence[object], settings: Settings) -> Judged:
    """Read the inputs as a run does, judge nothing, and return the plan of a run.

    No line counts as later than as-of. Raises UsageError for invalid settings.
    """
    settings = replace(settings, as_of=AFTER_ALL)
    with opened(inputs, settings, thrifty=_ENOUGH_TO_COUNT) as (engine, taken, book):
        none = Rulebook(rules=(), risk=None)
        tally = tally_lines(engine, Reading(engine, settings, taken, book, none).lines())
        # Without rules nothing is judged, but lines are made and their columns tested.
        unjudged = _final_plan(none, taken, tally)
        create_steps(JUDGING, RunState(engine, tally.lines, unjudged))
        return Judged(engine, settings, book, _final_plan(book, taken, tally), tally, taken)


def _final_plan(book: Rulebook, taken: Taken, tally: Tally) -> Plan:
    """Return the plan for the lines that were read, now that all of them are known."""
    supplied, named = tally.lines.supplied, bool(tally.lines.layout.platforms.naming)
    known = tally.events_known
    return plan_of(book, taken.exports, tally.platforms, supplied, known, named=named)
