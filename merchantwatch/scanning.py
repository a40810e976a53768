"""The conductor: the stages of a run, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from merchantwatch import collecting, rules
from merchantwatch.accounting import tally_lines
from merchantwatch.engines import Engine, open_engine
from merchantwatch.errors import InputError, UsageError
from merchantwatch.findings import Results
from merchantwatch.formats import Format, formats, mapped
from merchantwatch.pipeline import binding, counting, exports, judging
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.stages import stage
from merchantwatch.reading import Export, Taken, take
from merchantwatch.rules import Rulebook
from merchantwatch.settings import Settings

DEFAULT_PLATFORM = "douyin"
"""Whose rules judge a mapped file when nobody says."""


@dataclass
class Run:
    """One finished run: its results, and the engine that still holds its tables."""

    results: Results
    engine: Engine
    plan: judging.Plan
    lines: Lines


def run(inputs: Sequence[object], settings: Settings) -> Run:
    """Read the inputs, judge every line, and count.

    Raises UsageError for wrong settings, and InputError when no input at all could be read. The
    caller closes the engine.
    """
    book = rulebook(settings)
    taken = take(inputs, _mapping(settings), settings.zone)
    engine = open_engine(settings.engine, settings.memory, settings.threads)
    try:
        if settings.pack:
            binding.check_types(book, engine.table)
        lines = _joined_with_parcels(engine, taken, book, settings)
        lines = _judged_while_read(engine, taken, book, lines)
        _leave_out_superseded(engine, lines)
        tally = tally_lines(engine, lines)
        plan = judging.plan(book, taken.exports, tally.platforms, tally.parcels_known)
        _count(engine, lines, plan, settings.as_of)
        results = collecting.results(engine, settings, book, plan, tally, taken)
    except BaseException:
        engine.close()
        raise
    finally:
        _remove_spooled(taken)
    return Run(results, engine, plan, lines)


def rulebook(settings: Settings) -> Rulebook:
    """Return the rules of a run: the built-in ones and the user's, adjusted and selected."""
    book = rules.adjusted(rules.load(settings.pack), settings.rules)
    return rules.selected(book, settings.select, settings.ignore)


def _mapping(settings: Settings) -> Format | None:
    known = sorted({form.platform for form in formats()} | {"taobao"})
    if settings.platform and settings.platform not in known:
        names = ", ".join(known)
        raise UsageError(
            f"--platform {settings.platform}: not one of {names}",
            f"--platform {settings.platform}：应为 {names} 之一",
        )
    if not settings.map:
        return None
    return mapped(settings.map, settings.words, settings.platform or DEFAULT_PLATFORM)


def _joined_with_parcels(engine: Engine, taken: Taken, book: Rulebook, settings: Settings) -> Lines:
    """Open the parcels exports, which come first since lines are judged by them."""
    parcels = [e for e in _of(taken, "parcels") if _opened(engine, e, book, taken)]
    taken.exports = [e for e in taken.exports if e.form.kind == "orders" or e in parcels]
    layout = exports.layout(book, taken.exports, settings.platform, settings.shop, settings.tz)
    lines = Lines(taken.exports, layout, settings.as_of, joined=bool(parcels))
    if parcels:
        engine.run(lines.parcels())
    return lines


def _judged_while_read(engine: Engine, taken: Taken, book: Rulebook, lines: Lines) -> Lines:
    """Open the order exports and judge their rows as they are read.

    What cannot be known before all is read, such as whether any line's parcel is known, is taken
    for granted here and looked at afterwards.
    """
    orders, platforms = _of(taken, "orders"), lines.layout.platforms
    told = {platforms[e.number] for e in orders if lines.joined or "picked_up_at" in e.cells}
    plan = judging.plan(book, orders, platforms, told)
    engine.run(lines.empty_states(plan))
    opened = [e for e in orders if _opened(engine, e, book, taken, lines.states(e, plan))]
    taken.exports = [e for e in taken.exports if e.form.kind == "parcels" or e in opened]
    if taken.failed and not taken.exports:
        raise _nothing_read(taken)
    for export in filter(exports.needs_identity, opened):
        engine.run(exports.identify(export, lines.layout))
    return replace(lines, exports=taken.exports)


def _of(taken: Taken, kind: str) -> list[Export]:
    return [export for export in taken.exports if export.form.kind == kind]


def _opened(engine: Engine, export: Export, book: Rulebook, taken: Taken, then: str = "") -> bool:
    """Open an export, and say whether that went well; else it becomes a failure."""
    try:
        engine.open(export.source, exports.wanted(export, book), exports.relation(export), then)
    except InputError as error:
        taken.failed.append(error)
        return False
    return True


def _leave_out_superseded(engine: Engine, lines: Lines) -> None:
    """Find the rows that a newer export has replaced: ids are compared where a hash repeats."""
    engine.run(stage("6_twins"))
    engine.run(stage("6_latest", rows=lines.rows("twins")))
    engine.run(stage("6_current"))


def _nothing_read(taken: Taken) -> InputError:
    if len(taken.failed) == 1:
        error = taken.failed[0]
        return InputError(error.en, error.zh)
    return InputError(
        "none of the inputs could be read: " + "; ".join(error.en for error in taken.failed),
        "所有输入都无法读取：" + "；".join(error.zh for error in taken.failed),
    )


def _count(engine: Engine, lines: Lines, plan: judging.Plan, as_of: datetime) -> None:
    """Fetch the lines that matter with all their fields, and count them per scope."""
    engine.run(counting.picked(plan))
    engine.run(judging.judge(plan, lines.standing(lines.rows("picked")), as_of))
    engine.run(counting.hits(plan))
    engine.run(counting.picked_open(plan))
    engine.run(counting.open_lines(plan, lines.standing(lines.rows("picked_open")), as_of))
    engine.run(counting.findings(plan))


def _remove_spooled(taken: Taken) -> None:
    for path in taken.temporary:
        path.unlink(missing_ok=True)
