"""``backtest``: past exports judged night after night, and what became of each warning."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import Output, deliver, parsed, places
from merchantwatch.errors import UsageError
from merchantwatch.language.moments import duration, moment
from merchantwatch.reports import backtest as face
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.run.backtest import Timeline, backtest as tested
from merchantwatch.settings import Settings, resolve
from merchantwatch.support import log
from merchantwatch.support.options import Flags


def backtest(
    inputs: Sequence[str],
    begin: str | None,
    end: str | None,
    every: str,
    flags: Flags,
    config: str | None,
) -> int:
    """Replay the inputs, write what came of it, and return the exit code of the contract."""
    # Suppressions are of today: they would hide what was to be warned of then.
    settings = replace(resolve({**flags, "output": ()}, config), ignore_file=None)
    if "-" in inputs:
        raise UsageError(
            "-: standard input can be read once only; name files or a folder",
            "-：标准输入只能读一次，请给出文件或文件夹",
        )
    outputs = parsed(flags["output"], face.check_format, settings.as_of) or [Output("text", None)]
    refuse_taken(places(outputs), inputs, settings)
    bound = BadRows.parse(settings.max_bad_rows)
    timeline = Timeline(
        begin=_moment("--from", begin, settings) if begin else None,
        end=_moment("--to", end, settings) if end else None,
        every=duration(every, "--every"),
    )
    with _bar() as progress:
        result = tested(inputs, settings, timeline, progress)
    missed = list(deliver(lambda fmt, path: face.write(result, fmt, path), outputs))
    return conclude(
        [*unread(result.failed, result.files, bound), *undelivered(missed)], settings.lang
    )


def _moment(name: str, text: str, settings: Settings) -> datetime:
    try:
        return moment(text, settings.zone)
    except UsageError:
        raise UsageError(
            f'{name} {text!r}: write it like "2026-11-21 00:00"',
            f"{name} {text!r}：请写成“2026-11-21 00:00”",
        ) from None


@contextmanager
def _bar() -> Iterator[Any]:
    """Show on a terminal how many moments have been replayed."""
    if log.is_on() or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("…", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
