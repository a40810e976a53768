"""The conductor: the stages of a run, in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from merchantwatch import collecting, rules
from merchantwatch.accounting import Tally, tally_lines
from merchantwatch.engines import Engine, open_engine
from merchantwatch.errors import InputError, UsageError
from merchantwatch.findings import Results
from merchantwatch.formats import Format, formats, mapped
from merchantwatch.pipeline import binding, counting, exports as reading_sql, judging, lines
from merchantwatch.pipeline.exports import Layout
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
    tally: Tally


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
        _open(engine, taken, book)
        layout = reading_sql.layout(
            book, taken.exports, settings.platform, settings.shop, settings.tz
        )
        tally = _lines(engine, taken, layout, settings)
        plan = judging.plan(book, taken.exports, tally.platforms, tally.parcels_known)
        engine.run(judging.judge(plan, settings.as_of))
        engine.run(counting.hits(plan))
        engine.run(counting.findings(plan))
        results = collecting.results(engine, settings, book, plan, tally, taken)
    except BaseException:
        engine.close()
        raise
    finally:
        _remove_spooled(taken)
    return Run(results, engine, plan, tally)


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


def _open(engine: Engine, taken: Taken, book: Rulebook) -> None:
    """Open every export in the engine; one that turns out unreadable becomes a failure."""
    opened: list[Export] = []
    for export in taken.exports:
        wanted = reading_sql.wanted(export, book)
        try:
            engine.open(export.source, wanted, reading_sql.relation(export))
        except InputError as error:
            taken.failed.append(error)
        else:
            opened.append(export)
    taken.exports = opened
    if taken.failed and not opened:
        raise _nothing_read(taken)


def _nothing_read(taken: Taken) -> InputError:
    if len(taken.failed) == 1:
        error = taken.failed[0]
        return InputError(error.en, error.zh)
    return InputError(
        "none of the inputs could be read: " + "; ".join(error.en for error in taken.failed),
        "所有输入都无法读取：" + "；".join(error.zh for error in taken.failed),
    )


def _lines(engine: Engine, taken: Taken, layout: Layout, settings: Settings) -> Tally:
    """Make the lines of the rows that were read, and count them."""
    for export in filter(reading_sql.needs_identity, taken.exports):
        engine.run(reading_sql.identify(export, layout))
    for view in reading_sql.rows(taken.exports, layout):
        engine.run(view)
    engine.run(lines.twins())
    superseded = engine.table("select 1 from twins limit 1").num_rows > 0
    if superseded:
        engine.run(lines.latest())
    joined = any(export.form.kind == "parcels" for export in taken.exports)
    if joined:
        engine.run(lines.parcels(settings.as_of))
    engine.run(
        lines.lines(layout, settings.as_of, taken.exports, superseded=superseded, joined=joined)
    )
    return tally_lines(engine, taken.exports, layout)


def _remove_spooled(taken: Taken) -> None:
    for path in taken.temporary:
        path.unlink(missing_ok=True)
