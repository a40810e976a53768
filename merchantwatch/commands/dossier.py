"""``dossier``: the attachment to an appeal about a line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import Output, deliver, parsed, places
from merchantwatch.reports import dossier as face
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.settings import resolve
from merchantwatch.support.options import Flags
from merchantwatch.support.writing import write


def dossier(line_id: str, inputs: Sequence[str], flags: Flags, config: str | None) -> int:
    """Scan, write the dossier of one line, and return the exit code."""
    from merchantwatch.run.dossier import dossiers
    from merchantwatch.run.scan import run

    # An appeal may be about a finding that is suppressed.
    settings = replace(resolve(flags, config), ignore_file=None)
    outputs = parsed(settings.output, face.check_format, settings.as_of) or [Output("md", None)]
    refuse_taken(places(outputs), inputs, settings)
    bound = BadRows.parse(settings.max_bad_rows)
    with run(inputs, settings, watched=line_id) as finished:
        found = dossiers(finished, line_id)

    def deliver_one(fmt: str, path: Path | str | None) -> None:
        write(lambda file: face.render(found, fmt, settings.lang, file), path)

    missed = list(deliver(deliver_one, outputs))
    results = finished.results
    reasons = [*unread(results.failed, results.inputs, bound), *undelivered(missed)]
    return conclude(reasons, settings.lang)
