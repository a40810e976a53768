"""The comparison of a finished run with a stored report, for users without a history."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from merchantwatch.errors import UsageError
from merchantwatch.history.episodes import Episode, changes
from merchantwatch.history.guards import guards_of
from merchantwatch.history.items import items_of
from merchantwatch.history.past import MOST_POINTS, past_of
from merchantwatch.history.runs import Run as Night
from merchantwatch.language.text import Text
from merchantwatch.reports.stored import read
from merchantwatch.results.model import Results
from merchantwatch.results.past import Guard, Point
from merchantwatch.rules import Rulebook
from merchantwatch.run.record import verdicts
from merchantwatch.run.scan import Run
from merchantwatch.settings import Settings


def baseline_of(settings: Settings) -> Results | None:
    """Return the report to compare a run with, if there is one; called before inputs are read.

    Raises UsageError if runs are recorded too, or if only new items are wanted without a baseline
    or a history, and InputError if the file is no report.
    """
    # Two comparisons in one report could contradict each other.
    if settings.baseline and settings.history:
        raise UsageError(
            "--baseline is for those who keep no history; leave one of the two out (--no-history)",
            "--baseline 用于不保存历史的情形，请二选一（--no-history）",
        )
    if settings.new_only and not (settings.baseline or settings.history):
        raise UsageError(
            "--new-only: nothing tells what is new; add --history, or --baseline RUN.json",
            "--new-only：无从得知哪些是新增；请加上 --history，或 --baseline RUN.json",
        )
    return read(Path(settings.baseline)) if settings.baseline else None


def compared(finished: Run, settings: Settings, stored: Results) -> Results:
    """Return the results of a run, compared with a stored report."""
    results = finished.results
    before = list(_episodes(stored, finished.book))
    then = Night(id=0, as_of=stored.as_of, program="", guards=stored.guards)
    now = Night(id=0, as_of=settings.as_of, program="")
    # Without files and shops: a report knows neither digests nor days of its inputs.
    guards = (*results.guards, *guards_of(now.as_of, (), (), [then]), *_partial(stored))
    items = items_of(results, finished.book)
    found = {item.fingerprint for item in items}
    missing = [episode.item for episode in before if episode.item.fingerprint not in found]
    found_out = verdicts(finished, settings, missing, guards)
    numbers = {episode.item.fingerprint: episode.number for episode in before}
    changed = changes(before, numbers, items, lambda item: found_out[item.fingerprint])
    past = msgspec.structs.replace(
        past_of(now, then, changed), run=None, previous=None, trend=_trend(stored, results)
    )
    return replace(results, guards=guards, past=past)


def _episodes(stored: Results, book: Rulebook) -> Iterator[Episode]:
    """Yield the items of a stored report as episodes; it may itself have been compared."""
    standings = stored.past.standings if stored.past else {}
    for item in items_of(stored, book):
        if not item.suppressed:
            standing = standings.get(item.fingerprint)
            number, since = (standing.episode, standing.since) if standing else (1, stored.as_of)
            # Runs of a baseline have no ids: 0 stands for one that is not recorded.
            yield Episode(item, number, opened=0, since=since, status="ongoing")


def _trend(stored: Results, results: Results) -> tuple[Point, ...]:
    before = stored.past.trend if stored.past else ()
    return (*(before or (_point(stored),)), _point(results))[-MOST_POINTS:]


def _point(results: Results) -> Point:
    counts = results.total("breached"), results.total("near"), results.work.totals.tasks
    return Point(results.as_of, *counts)


def _partial(stored: Results) -> Iterator[Guard]:
    """Yield a guard if a stored report does not list everything: what seems new may be old."""
    listed: dict[str, int] = {}
    for finding in stored.findings:
        listed[finding.code] = listed.get(finding.code, 0) + 1
    codes = [o.code for o in stored.outcomes if o.findings > listed.get(o.code, 0)]
    more = [] if stored.work.complete else [Text(zh="任务", en="tasks")]
    if codes or more:
        what = [*more, *(Text.same(code) for code in codes)]
        text = Text(
            zh="基准报告没有列出全部：{what}；其中显示为新增的可能早已存在",
            en="the baseline does not list all of {what}: what is new of them may have been there",
        )
        named = Text(zh="、".join(t.zh for t in what), en=", ".join(t.en for t in what))
        yield Guard("baseline-partial", None, text.fill(what=named), ())
