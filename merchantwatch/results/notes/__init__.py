"""Notes: what was assumed, computed, masked or unknown, each with its number of lines."""

from collections.abc import Iterator, Sequence

from merchantwatch.language.text import Text
from merchantwatch.results.judged import Judged
from merchantwatch.results.notes import files, lines, memory, people, platforms, rules
from merchantwatch.results.records import Note, Outcome
from merchantwatch.tasks import WorkList


def cut_short(work: WorkList) -> Iterator[Note]:
    """Note that there are more tasks than a report lists."""
    if not work.complete:
        text = Text(
            zh="共有 {all} 件任务，报告只列最紧急的 {listed} 件：按小时和后果的任务数仅含这些；"
            "合计包含全部，扫描时的 -o tasks-csv、tasks-parquet 与 xlsx 列出全部",
            en="of {all} tasks the {listed} most urgent are listed, and the numbers of tasks by "
            "hour and consequence are of these; the totals are of all, and so are tasks-csv, "
            "tasks-parquet and xlsx as a scan writes them",
        )
        n, most = f"{work.totals.tasks:,}", f"{len(work.tasks):,}"
        yield Note("tasks-listed", 0, text.fill(all=n, listed=most))


def notes(judged: Judged, outcomes: Sequence[Outcome]) -> Iterator[Note]:
    """Yield the notes of a run, the most severe first."""
    engine, settings, tally = judged.engine, judged.settings, judged.tally
    book, plan = judged.book, judged.plan
    # First what makes the whole report doubtful, last what a reader can do without.
    yield from rules.nothing_judged(book, tally, outcomes)
    if assumed := platforms.assumed(settings, tally):
        yield assumed
    yield from rules.shares_of_a_part(book, tally)
    yield from files.stale(engine, settings, tally)
    yield from lines.unknown_words(engine, tally)
    yield from lines.counted(engine, plan, tally)
    yield from lines.cells(tally)
    yield from lines.closed(settings, tally)
    yield from files.mapped(settings, tally)
    yield from files.ids_of_both(tally)
    yield from lines.unmatched(tally)
    yield from lines.shared_cases(engine, tally)
    yield from lines.equal_rows(engine, tally)
    yield from files.shops(tally)
    yield from files.read_with_doubt(tally)
    yield from files.no_records(engine, tally)
    yield from people.notes(tally)
    yield from rules.window(book, plan, tally)
    yield from rules.unreviewed(settings, plan)
    yield from memory.floor(settings)
