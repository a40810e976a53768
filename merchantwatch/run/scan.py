"""The conductor: the stages of a run, in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from merchantwatch.engines import Engine, Pass, Told
from merchantwatch.errors import InputError
from merchantwatch.pipeline import across, joined, passes, row_states
from merchantwatch.pipeline.after_reading import COUNTING, JUDGING, Judged, follow
from merchantwatch.pipeline.exports import relation
from merchantwatch.pipeline.keys import Keys
from merchantwatch.pipeline.layout import groups_alike, layout_of, wanted_of
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan, plan_of
from merchantwatch.pipeline.platforms import platforms_of
from merchantwatch.pipeline.sending import senders_of
from merchantwatch.pipeline.steps import make
from merchantwatch.reading import Export, Taken
from merchantwatch.reading.digests import Digests
from merchantwatch.reading.hash_key import installation_key
from merchantwatch.reading.rewritten import Stamp
from merchantwatch.results import collect
from merchantwatch.results.accounting import Tally, tally_lines
from merchantwatch.results.model import Results
from merchantwatch.rules import Rulebook
from merchantwatch.run.cached import Cache, cache_of
from merchantwatch.run.identify import set_apart_at_once, without_replaced
from merchantwatch.run.start import nothing_read, opened
from merchantwatch.settings import Settings

AFTER_ALL = datetime(2100, 1, 1)  # noqa: DTZ001  wall-clock time
"""A moment after every time that is read as one."""

_ENOUGH_TO_COUNT = "100MB"
"""The engine's memory while nothing is judged: with more, millions of rows are hardly faster."""


@dataclass
class Run:
    """One finished run: its results, its rules, and the engine that still holds its tables.

    ``files`` are those that were read, as they were before they were opened.
    """

    results: Results
    engine: Engine
    book: Rulebook
    plan: Plan
    lines: Lines
    files: tuple[Stamp, ...] = ()
    cache: Cache = field(default_factory=Cache)

    @property
    def digests(self) -> Digests:
        """The files by their content, as far as anybody asked."""
        return self.cache.digests


@dataclass
class Look:
    """Inputs that were read without being judged, and the rules that a run could judge them by."""

    engine: Engine
    taken: Taken
    book: Rulebook
    plan: Plan
    tally: Tally


class Progress(Protocol):
    """Whoever wants to know how far a run has come."""

    def begin(self, exports: Sequence[Export]) -> None:
        """Take note of the order exports that are going to be judged."""

    def of(self, export: Export) -> Callable[[int], None]:
        """Return what is told how many further rows of an export have been taken."""


def run(
    inputs: Sequence[object],
    settings: Settings,
    watched: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Read the inputs, judge every line, and count.

    The line or order of the id ``watched`` stays at hand, whatever the rules say of it;
    ``progress`` is told what is judged. Raises UsageError for wrong settings, and InputError when
    no input at all could be read. The caller closes the engine.
    """
    cache = cache_of(settings) if watched is None else Cache()
    with opened(inputs, settings) as (engine, taken, book):
        tally, plan = _counted(engine, taken, book, settings, watched, progress, cache)
        results = collect.results(engine, settings, book, plan, tally, taken)
    return Run(results, engine, book, plan, tally.lines, tuple(taken.stamps), cache)


@dataclass
class Counted:
    """What rules found, counted and not yet put into words."""

    engine: Engine
    taken: Taken
    book: Rulebook
    plan: Plan
    tally: Tally


@contextmanager
def counted(
    inputs: Sequence[object], settings: Settings, of: Callable[[Rulebook], Rulebook]
) -> Iterator[Counted]:
    """Within it the inputs are judged and counted by what ``of`` makes of the rules.

    Raises UsageError and InputError as ``run`` does.
    """
    with opened(inputs, settings) as (engine, taken, every_rule):
        book = of(every_rule)
        tally, plan = _counted(engine, taken, book, settings)
        yield Counted(engine, taken, book, plan, tally)
        engine.close()


def _counted(
    engine: Engine,
    taken: Taken,
    book: Rulebook,
    settings: Settings,
    watched: str | None = None,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> tuple[Tally, Plan]:
    tally = _read(
        engine,
        taken,
        book,
        settings,
        judged_by=book,
        watched=watched,
        progress=progress,
        cache=cache,
    )
    if taken.failed and not taken.exports:
        raise nothing_read(taken)
    plan = _final_plan(book, taken, tally)
    judged = Judged(engine, tally.lines, plan)
    follow(JUDGING, judged)
    follow(COUNTING, judged)
    return tally, plan


def look(inputs: Sequence[object], settings: Settings) -> Look:
    """Read the inputs as a run does, judge nothing, and say what a run could judge by.

    Whatever as-of is, no line counts as later. What is kept of rows is only counted, so that it may
    soon wait on the disk. Raises UsageError for wrong settings. The caller closes the engine.
    """
    settings = replace(settings, as_of=AFTER_ALL)
    with opened(inputs, settings, thrifty=_ENOUGH_TO_COUNT) as (engine, taken, book):
        none = Rulebook(rules=(), risk=None)
        tally = _read(engine, taken, book, settings, judged_by=none)
        unjudged = _final_plan(none, taken, tally)
        follow(JUDGING, Judged(engine, tally.lines, unjudged))
        plan = _final_plan(book, taken, tally)
    return Look(engine, taken, book, plan, tally)


def _read(
    engine: Engine,
    taken: Taken,
    book: Rulebook,
    settings: Settings,
    *,
    judged_by: Rulebook,
    watched: str | None = None,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Tally:
    """Read all that the rules of ``book`` need, judge each row as it is read, and count rows."""
    lines = _joined(engine, taken, book, settings, _keys(taken, judged_by, settings), watched)
    lines = _looked_across(engine, taken, lines)
    lines = _judged_while_read(engine, taken, lines, judged_by, progress, cache or Cache())
    lines = without_replaced(engine, taken, lines, passed)
    taken.note_rewritten()
    return tally_lines(engine, lines)


def _final_plan(book: Rulebook, taken: Taken, tally: Tally) -> Plan:
    """Return what the lines that were read can be judged by."""
    supplied, named = tally.lines.supplied, bool(tally.lines.layout.platforms.told)
    known = tally.events_known
    return plan_of(book, taken.exports, tally.platforms, supplied, known, named=named)


def _keys(taken: Taken, judged_by: Rulebook, settings: Settings) -> Keys:
    """Decide which personal columns are read, as hashes, and get the key for these."""
    platforms = platforms_of(taken.exports, settings.platform)
    return across.keys(judged_by, taken.exports, platforms, lambda: installation_key(settings))


def _joined(
    engine: Engine,
    taken: Taken,
    book: Rulebook,
    settings: Settings,
    keys: Keys,
    watched: str | None,
) -> Lines:
    """Open what is joined onto lines: it comes first, since lines are judged by it."""

    def opened(export: Export) -> None:
        wanted = wanted_of(export, (), keys, settings.tz)
        engine.open(export.source, wanted, relation(export), _told(export))

    taken.exports = [e for e in taken.exports if e.form.kind == "orders" or _done(opened, e, taken)]
    layout = layout_of(book, taken.exports, settings.platform, settings.tz, keys)
    layout = replace(layout, senders=senders_of(settings))
    for name, query in joined.tables(taken.exports, layout, settings.as_of):
        make(engine, name, query)
    kinds = joined.kinds(taken.exports)
    by_shop = settings.history is not None
    return Lines(taken.exports, layout, settings.as_of, kinds, watched, by_shop=by_shop)


def _looked_across(engine: Engine, taken: Taken, lines: Lines) -> Lines:
    """Look at what tells of several lines together, which has to be known before any is judged."""
    keys = lines.layout.keys
    if not keys.made:
        return lines
    make(engine, across.TABLE, passes.look(replace(lines, layout=lines.layout.slim), None))
    some = [export for export in taken.exports if export.number in keys.looked_at]
    read = passed(engine, some, partial(passes.looked_at, lines), taken)
    taken.exports = [e for e in taken.exports if e not in some or e in read]
    lines = set_apart_at_once(engine, taken, lines, passed)
    for name, query in across.tables(
        keys.made, lines.exports, lines.joined, lines.as_of, conflicts=lines.conflicts
    ):
        make(engine, name, query)
    return replace(lines, exports=taken.exports, made=keys.made)


def _judged_while_read(
    engine: Engine,
    taken: Taken,
    lines: Lines,
    judged_by: Rulebook,
    progress: Progress | None,
    cache: Cache,
) -> Lines:
    """Judge the rows of the order exports as they are read.

    What cannot be known before all is read, such as whether any line's parcel is known, is taken
    for granted here and looked at afterwards.
    """
    orders = [export for export in taken.exports if export.form.kind == "orders"]
    of, named = lines.layout.platforms.of, bool(lines.layout.platforms.told)
    plan = plan_of(judged_by, orders, of, lines.supplied, lines.events_expected, named=named)
    lines = cache.caching(engine, lines)
    for name, query in row_states.empty(lines, plan).items():
        make(engine, name, query)
    if progress:
        progress.begin(orders)
    known = cache.taken_over(engine, orders, lines, plan, partial(_told, progress=progress))
    fresh = [export for export in orders if export.number not in known]
    read = passed(engine, fresh, lambda e: passes.judged(lines, e, plan), taken, progress)
    there = known.union(export.number for export in read)
    cache.keep(engine, [e for e in orders if e.number in there - known | cache.worn], lines, plan)
    taken.exports = [e for e in taken.exports if e.form.kind != "orders" or e.number in there]
    return replace(lines.judged(plan), exports=taken.exports)


def passed(
    engine: Engine,
    exports: Sequence[Export],
    over: Callable[[Export], Pass],
    taken: Taken,
    progress: Progress | None = None,
) -> list[Export]:
    """Make one pass over exports, and return those that could be read; the others are failures."""
    read = []
    for alike in groups_alike(exports):
        with engine.judging(over(alike[0])) as judge:
            read += [
                e for e in alike if _done(lambda e: judge(e.source, _told(e, progress)), e, taken)
            ]
    return read


def _told(export: Export, progress: Progress | None = None) -> Told:
    return Told(export.number, export.shop, progress.of(export) if progress else None)


def _done(step: Callable[[Export], None], export: Export, taken: Taken) -> bool:
    """Take a step with an export, and say whether it could be read; else it becomes a failure."""
    try:
        step(export)
    except InputError as error:
        taken.failed.append(error)
        return False
    return True
