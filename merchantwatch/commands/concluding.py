"""The exit code of the contract, with its reason on the last line of standard error."""

from collections.abc import Iterable, Iterator

from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.support.ending import announce_end
from merchantwatch.support.streams import complain


def undelivered(errors: Iterable[OutputError]) -> Iterator[tuple[int, Text]]:
    """Yield the reasons why a report was not written."""
    for error in errors:
        yield error.exit_code, Text(zh=error.zh, en=error.en)


def conclude(reasons: Iterable[tuple[int, Text]], lang: str) -> int:
    """Print all reasons for a failure, the first one last, and return its exit code; else 0."""
    listed = list(reasons)
    code = listed[0][0] if listed else 0
    if code:
        announce_end(code)
    # What reads only the last line must find the reason of the exit code there.
    for _, reason in reversed(listed):
        complain(f"merchantwatch: {reason.of(lang)}")
    return code
