"""``report``: renders a run again, from its JSON report or from the history."""

import zlib
from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from merchantwatch import reports
from merchantwatch.commands.concluding import conclude, undelivered, unsaid
from merchantwatch.commands.outputs import Output, deliver_reports, parsed, places, view_of
from merchantwatch.commands.recorded import opened_history, run_named, runs_in
from merchantwatch.errors import UsageError
from merchantwatch.language.text import Text
from merchantwatch.reports import stored
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.model import Results
from merchantwatch.settings import resolve
from merchantwatch.support.options import Flags


def report(name: str | None, output: tuple[str, ...], lang: str | None, flags: Flags) -> int:
    """Render a run again, and return the exit code of the contract."""
    run = flags.get("recorded")
    if (name is None) == (run is None):
        raise UsageError(
            "name a report (RUN.json), or a recorded run by --run, and not both",
            "请给出一份报告（RUN.json），或用 --run 指定一次记录的运行，二者选一",
        )
    config = flags.get("config")
    settings = resolve({**flags, "lang": lang}, config)
    view = view_of(settings)
    # Read before the outputs are checked: a date in a path is that of the stored as-of.
    results = stored.read(Path(name)) if name is not None else _recorded(str(run), config)
    if view.new_only and results.past is None:
        raise UsageError(
            f"--new-only: {name} was compared with no other run; nothing tells what is new",
            f"--new-only：{name} 没有与其他运行比较过，无从得知哪些是新增",
        )
    outputs = parsed(output, reports.check_stored, results.as_of) or [Output("text", None)]
    refuse_taken(places(outputs), [name] if name is not None else [], settings)
    shown = replace(results, view=view, lang=lang or results.lang)
    missed = undelivered(list(deliver_reports(shown, outputs)))
    return conclude([*missed, *unsaid(shown, outputs), *_unlisted(shown)], shown.lang)


def _unlisted(results: Results) -> Iterator[tuple[int, Text]]:
    """Yield that the run holds the first of its tasks only, where a scan had read all of them."""
    work = results.work
    if not work.complete:
        yield (
            0,
            Text(
                zh="报告只存有 {all} 件任务中最紧急的 {listed} 件："
                "任务表、工作簿和各负责人的清单没有其余的；重新扫描可得全部",
                en="the report holds the {listed} most urgent of {all} tasks: tables of tasks, the "
                "workbook and the lists of owners have no others; scan again for all",
            ).fill(all=f"{work.totals.tasks:,}", listed=f"{len(work.tasks):,}"),
        )


def _recorded(name: str, config: str | None) -> Results:
    """Return a run of the history. Raises UsageError where its report is not stored."""
    from merchantwatch.history import ledger

    with opened_history(config) as found, found.store.reading() as connection:
        run = run_named(runs_in(connection), name)
        packed = ledger.report_of(connection, run.id)
    if packed is None:
        raise UsageError(
            f"--run {name}: the report of run {run.id} was too large to be kept; scan again",
            f"--run {name}：第 {run.id} 次运行的报告过大，未保存；请重新扫描",
        )
    return stored.parsed(zlib.decompress(packed), Path(f"run {run.id}"))
