"""The result of ``check`` as text or as JSON."""

from pathlib import Path

from merchantwatch.errors import UsageError
from merchantwatch.results.checks import Checked
from merchantwatch.support import writing

FORMATS = ("text", "json")


def check_format(name: str) -> None:
    """Raise UsageError when ``check`` has no such output."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(f"-o {name}: check has {known}", f"-o {name}：check 可用 {known}")


def write(checked: Checked, fmt: str, path: Path | str | None) -> None:
    """Write the result to a path, or to standard output when there is none.

    The file appears whole or not at all. Raises OutputError when it cannot be written.
    """
    if fmt == "json":
        from merchantwatch.reports.checked.json import render
    else:
        from merchantwatch.reports.checked.text import render
    writing.write(lambda file: render(checked, file), path)
