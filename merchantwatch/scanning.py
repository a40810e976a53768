"""The conductor: the stages of a run, in order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from merchantwatch import collecting, rules
from merchantwatch.accounting import tally_lines
from merchantwatch.engines import Engine, open_engine
from merchantwatch.errors import InputError, UsageError
from merchantwatch.findings import Results
from merchantwatch.formats import Format, formats, mapped
from merchantwatch.pipeline import binding, counting, exports, joined, judging
from merchantwatch.pipeline.dividing import APART
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


def run(inputs: Sequence[object], settings: Settings, watched: str | None = None) -> Run:
    """Read the inputs, judge every line, and count.

    The line or order of the id ``watched`` stays at hand, whatever the rules say of it. Raises
    UsageError for wrong settings, and InputError when no input at all could be read. The caller
    closes the engine.
    """
    book = rulebook(settings)
    taken = take(inputs, _mapping(settings), settings)
    engine = open_engine(settings.engine, settings.memory, settings.threads)
    try:
        if settings.pack:
            binding.check_types(book, engine.table)
        lines = _joined(engine, taken, book, settings, watched)
        lines = _judged_while_read(engine, taken, book, lines)
        _leave_out_superseded(engine, lines)
        tally = tally_lines(engine, lines)
        plan = judging.plan(
            book, taken.exports, tally.platforms, lines.supplied, tally.parcels_known
        )
        _count(engine, lines, plan)
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


def _joined(
    engine: Engine, taken: Taken, book: Rulebook, settings: Settings, watched: str | None
) -> Lines:
    """Open what is joined onto lines: it comes first, since lines are judged by it."""

    def opened(export: Export) -> None:
        engine.open(export.source, exports.wanted(export, book), exports.relation(export))

    taken.exports = [e for e in taken.exports if e.form.kind == "orders" or _done(opened, e, taken)]
    layout = exports.layout(book, taken.exports, settings.platform, settings.tz)
    for name, query in joined.tables(taken.exports, layout, settings.as_of):
        engine.create(name, query)
    kinds = joined.kinds(taken.exports)
    return Lines(taken.exports, layout, settings.as_of, kinds, watched)


def _judged_while_read(engine: Engine, taken: Taken, book: Rulebook, lines: Lines) -> Lines:
    """Judge the rows of the order exports as they are read.

    What cannot be known before all is read, such as whether any line's parcel is known, is taken
    for granted here and looked at afterwards.
    """
    orders = [export for export in taken.exports if export.form.kind == "orders"]
    plan = judging.plan(
        book, orders, lines.layout.platforms, lines.supplied, lines.parcels_expected
    )

    def judged(export: Export) -> None:
        engine.judge(export.source, exports.wanted(export, book), lines.passed(export, plan))

    for name, query in lines.empty(plan).items():
        engine.create(name, query)
    read = [e for e in orders if _done(judged, e, taken)]
    taken.exports = [e for e in taken.exports if e.form.kind != "orders" or e in read]
    if taken.failed and not taken.exports:
        raise _nothing_read(taken)
    return replace(lines, exports=taken.exports)


def _done(step: Callable[[Export], None], export: Export, taken: Taken) -> bool:
    """Take a step with an export, and say whether it could be read; else it becomes a failure."""
    try:
        step(export)
    except InputError as error:
        taken.failed.append(error)
        return False
    return True


def _leave_out_superseded(engine: Engine, lines: Lines) -> None:
    """Find the rows that a newer export has replaced."""
    engine.create("named", lines.named())
    engine.create("superseded", stage("6_superseded", apart=APART))
    engine.view("current", stage("6_current"))


def _nothing_read(taken: Taken) -> InputError:
    if len(taken.failed) == 1:
        error = taken.failed[0]
        return InputError(error.en, error.zh)
    return InputError(
        "none of the inputs could be read: " + "; ".join(error.en for error in taken.failed),
        "所有输入都无法读取：" + "；".join(error.zh for error in taken.failed),
    )


def _count(engine: Engine, lines: Lines, plan: judging.Plan) -> None:
    """Look at the lines that matter with all their fields, and count them per scope."""
    engine.create("judged", lines.judged(plan))
    engine.create("hits", counting.hits(plan))
    engine.create("open_lines", counting.open_lines(plan))
    engine.create("findings", counting.findings(plan))


def _remove_spooled(taken: Taken) -> None:
    for path in taken.temporary:
        path.unlink(missing_ok=True)
