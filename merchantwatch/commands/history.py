"""``history``, ``trend``, ``diff`` and ``prune``: show recorded runs, and delete old ones."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import Output, deliver, parsed
from merchantwatch.commands.recorded import opened_history, run_named, runs_in
from merchantwatch.language.moments import duration
from merchantwatch.language.text import Text
from merchantwatch.reports import recorded
from merchantwatch.rules import BoundRule, find
from merchantwatch.run.start import every_rule
from merchantwatch.support.writing import show, write


def history(top: int, output: Sequence[str], config: str | None, lang: str) -> int:
    """List the last runs."""
    from merchantwatch.history import ledger

    with opened_history(config) as found, found.store.reading() as connection:
        runs = runs_in(connection, top)
        counts = ledger.status_counts(connection, [run.id for run in runs])
        as_of = found.settings.as_of
    rows = [recorded.run_row(run, counts.get(run.id, {})) for run in runs]
    return _deliver(recorded.Runs(rows), output, as_of, lang)


def trend(code: str | None, top: int, output: Sequence[str], config: str | None, lang: str) -> int:
    """Chart what was found in the last runs."""
    with opened_history(config) as found, found.store.reading() as connection:
        # A chart begins with the oldest run.
        runs = runs_in(connection, top)[::-1]
        as_of = found.settings.as_of
        rule = find(every_rule(found.settings), code) if code else None
    if rule is None:
        return _deliver(recorded.trend_of_all(runs), output, as_of, lang)
    title = rule.rule.title if isinstance(rule, BoundRule) else rule.title
    return _deliver(recorded.trend_of_rule(runs, rule.code, title), output, as_of, lang)


def diff(before: str, after: str, output: Sequence[str], config: str | None, lang: str) -> int:
    """Write what differs in a later run from an earlier one."""
    from merchantwatch.history.diff import differences

    with opened_history(config) as found, found.store.reading() as connection:
        runs = runs_in(connection)
        # In whichever order they are named, the later one is compared with the earlier.
        both = sorted((run_named(runs, name) for name in (before, after)), key=lambda run: run.id)
        found_differences = differences(connection, both[0].id, both[1].id)
        as_of = found.settings.as_of
    return _deliver(recorded.Differences(both[0], both[1], found_differences), output, as_of, lang)


def prune(keep: str, config: str | None, lang: str) -> int:
    """Delete runs that are older than a given age."""
    from merchantwatch.history import ledger
    from merchantwatch.history.lock import locked

    length = duration(keep, "--keep")
    with opened_history(config) as found, locked(found.place):
        with found.store.writing() as connection:
            # A run with a clock set years ahead must not make all others look old.
            newest = min(runs_in(connection, 1)[0].as_of, found.settings.as_of)
            before = newest - length
            deleted, left = ledger.prune(connection, before), len(ledger.runs_of(connection))
        found.store.compact()
    text = Text(
        zh="{before} 之前的 {n} 次运行已删除，保留 {left} 次",
        en="{n|run} from before {before} {n|is|are} forgotten, {left} {left|is|are} kept",
    )
    show(text.fill(before=before, n=deleted, left=left).of(lang) + "\n")
    return 0


def _deliver(table: Any, output: Sequence[str], as_of: datetime, lang: str) -> int:
    """Write a table in each requested format, and return the exit code."""
    outputs = parsed(output, recorded.check_format, as_of) or [Output("text", None)]

    def one(fmt: str, path: Path | str | None) -> None:
        write(lambda file: recorded.render(table, fmt, file, lang), path)

    missed: Iterable[Any] = list(deliver(one, outputs))
    return conclude(undelivered(missed), lang)
