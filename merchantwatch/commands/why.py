"""``why``: the verdict of every rule on one line."""

from collections.abc import Sequence
from dataclasses import replace

from merchantwatch.commands.concluding import conclude
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.settings import resolve
from merchantwatch.support.options import Flags
from merchantwatch.support.writing import show


def why(line_id: str, inputs: Sequence[str], flags: Flags, config: str | None) -> int:
    """Explain every rule on one line, and return the exit code of the contract."""
    from merchantwatch.run.scan import run
    from merchantwatch.run.why import explain

    # A suppressed finding is to be explained, too.
    settings = replace(resolve(flags, config), ignore_file=None)
    bound = BadRows.parse(settings.max_bad_rows)
    with run(inputs, settings, watched=line_id) as finished:
        show(explain(finished, line_id, settings.lang))
    results = finished.results
    return conclude(unread(results.failed, results.inputs, bound), settings.lang)
