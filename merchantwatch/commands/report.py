"""``report``: a run that was kept as JSON, rendered again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from merchantwatch import reports
from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import Output, deliver_reports, parsed, places, view_of
from merchantwatch.errors import UsageError
from merchantwatch.reports.kept import read
from merchantwatch.reports.places import refuse_taken
from merchantwatch.settings import resolve


def report(name: str, output: tuple[str, ...], lang: str | None, flags: Mapping[str, Any]) -> int:
    """Render a kept run, and return the exit code of the contract."""
    settings = resolve({**flags, "lang": lang})
    view = view_of(settings)
    results = read(Path(name))
    if view.new_only and results.past is None:
        raise UsageError(
            f"--new-only: {name} was held against no other run; nothing tells what is new",
            f"--new-only：{name} 没有与其他运行比较过，无从得知哪些是新增",
        )
    outputs = parsed(output, reports.check_kept, results.as_of) or [Output("text", None)]
    refuse_taken(places(outputs), [name], settings)
    shown = replace(results, view=view, lang=lang or results.lang)
    return conclude(undelivered(list(deliver_reports(shown, outputs))), shown.lang)
