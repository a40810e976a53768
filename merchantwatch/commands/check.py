"""``check``: the format of each input, and the rules that could judge it; nothing is judged."""

from collections.abc import Iterator, Sequence

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import deliver, parsed, places
from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.reports import checked as reports
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.bad_rows import BadRows, unread
from merchantwatch.results.checks import Checked
from merchantwatch.settings import resolve
from merchantwatch.support.options import Flags


def check(inputs: Sequence[str], flags: Flags, config: str | None) -> int:
    """Check the inputs, write the result, and return the exit code of the contract."""
    from merchantwatch.run.check import check as look_at

    # Outputs of the settings are those of a nightly scan, which a check must not overwrite.
    settings = resolve({**flags, "output": ()}, config)
    outputs = parsed(flags["output"] or ["text"], reports.check_format, settings.as_of)
    refuse_taken(places(outputs), inputs, settings)
    bound = BadRows.parse(settings.max_bad_rows)
    checked = look_at(inputs, settings)
    missed = list(deliver(lambda fmt, path: reports.write(checked, fmt, path), outputs))
    return conclude(_reasons(checked, bound, missed), settings.lang)


def _reasons(
    checked: Checked, bound: BadRows, missed: Sequence[OutputError]
) -> Iterator[tuple[int, Text]]:
    failed = [Text(zh=error.zh, en=error.en) for error in checked.failed]
    yield from unread(failed, [item.file for item in checked.inputs], bound)
    yield from undelivered(missed)
