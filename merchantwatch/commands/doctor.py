"""``doctor``: whether a nightly scan would run, and remedies."""

from collections.abc import Sequence

from merchantwatch.commands.concluding import conclude, undelivered
from merchantwatch.commands.outputs import Output, deliver, parsed, places
from merchantwatch.errors import MerchantwatchError, UsageError
from merchantwatch.language.text import Text
from merchantwatch.reports import health as face
from merchantwatch.reports.places import refuse_taken
from merchantwatch.results.health import Finding, fail
from merchantwatch.settings import Settings, resolve
from merchantwatch.support.options import Flags

_FIRST = (2, 3, 4, 1)
"""If there are several exit codes, the first of these counts; 1: nothing would be judged."""


def doctor(inputs: Sequence[str], flags: Flags, config: str | None) -> int:
    """Run all checks, write the result, and return the exit code that a scan would have."""
    from merchantwatch.run.doctor import examine

    settings = _resolved({**flags, "output": ()}, config)
    # With wrong settings the report is written by the defaults, without reading the file again.
    usual = settings if isinstance(settings, Settings) else resolve({}, "/dev/null")
    outputs = parsed(flags["output"], face.check_format, usual.as_of) or [Output("text", None)]
    refuse_taken(places(outputs), inputs, usual)
    found = [settings] if isinstance(settings, Finding) else list(examine(inputs, settings))
    missed = list(deliver(lambda fmt, path: face.write(found, usual.lang, fmt, path), outputs))
    reasons = [(one.code, one.text) for code in _FIRST for one in found if one.code == code]
    return conclude([*reasons, *undelivered(missed)], usual.lang)


def _resolved(flags: Flags, config: str | None) -> Settings | Finding:
    """Return the settings, or the errors in them."""
    try:
        return resolve(flags, config)
    except UsageError as error:
        return fail("settings", Text(zh=error.zh, en=error.en), MerchantwatchError.exit_code)
