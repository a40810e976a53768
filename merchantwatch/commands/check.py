"""``check``: what each input is and what a scan could judge by it; nothing is judged."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import deliver, parsed, places
from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.reports import checked as reports
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.results.checks import Checked
from merchantwatch.settings import resolve


def check(inputs: Sequence[str], flags: Mapping[str, Any], config: str | None) -> int:
    """Look at the inputs, tell what was seen, and return the exit code of the contract."""
    from merchantwatch.run.check import check as look_at

    settings = resolve({**flags, "output": ()}, config)
    outputs = parsed(flags["output"] or ["text"], reports.check_format, settings.as_of)
    refuse_taken(places(outputs), inputs, settings)
    bound = BadRows.parse(settings.max_bad_rows)
    seen = look_at(inputs, settings)
    missed = list(deliver(lambda fmt, path: reports.write(seen, fmt, path), outputs))
    return conclude(_reasons(seen, bound, missed), settings.lang)


def _reasons(
    seen: Checked, bound: BadRows, missed: Sequence[OutputError]
) -> Iterator[tuple[int, Text]]:
    failed = [Text(zh=error.zh, en=error.en) for error in seen.failed]
    yield from unread(failed, [item.file for item in seen.inputs], bound)
    yield from undelivered(missed)
