"""The exit code of the contract, with its reason on the last line of standard error."""

from collections.abc import Iterable, Iterator, Sequence

from merchantwatch import reports
from merchantwatch.commands.outputs import Output
from merchantwatch.errors import OutputError
from merchantwatch.language.text import Text
from merchantwatch.results.model import Results
from merchantwatch.support.ending import announce_end
from merchantwatch.support.streams import complain


def undelivered(errors: Iterable[OutputError]) -> Iterator[tuple[int, Text]]:
    """Yield the reasons why a report was not written."""
    for error in errors:
        yield error.exit_code, Text(zh=error.zh, en=error.en)


def unsaid(results: Results, outputs: Sequence[Output]) -> Iterator[tuple[int, Text]]:
    """Yield that nothing was judged where no report says so: tables without rows look like calm."""
    why = results.nothing_judged
    if why and outputs and all(output.fmt in reports.BARE for output in outputs):
        yield 0, why


def conclude(reasons: Iterable[tuple[int, Text]], lang: str) -> int:
    """Print all reasons, the first one last, and return its exit code; 0 without any."""
    listed = list(reasons)
    code = listed[0][0] if listed else 0
    if code:
        announce_end(code)
    # What reads only the last line must find the reason of the exit code there.
    for _, reason in reversed(listed):
        complain(f"merchantwatch: {reason.of(lang)}")
    return code
