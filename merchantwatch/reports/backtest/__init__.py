"""The result of ``backtest`` as text, as JSON, or as a page with charts."""

from importlib import import_module
from pathlib import Path

from merchantwatch.errors import UsageError
from merchantwatch.results.backtest import Backtest
from merchantwatch.support import writing

FORMATS = ("text", "json", "html")


def check_format(name: str) -> None:
    """Raise UsageError for a format that a backtest does not have."""
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise UsageError(f"-o {name}: a backtest is {known}", f"-o {name}：回测可用 {known}")


def write(backtest: Backtest, fmt: str, path: Path | str | None) -> None:
    """Write a backtest to a path, or to standard output when there is none.

    The file appears whole or not at all. Raises OutputError when it cannot be written.
    """
    render = import_module(f"merchantwatch.reports.backtest.{fmt}").render
    writing.write(lambda file: render(backtest, file), path)
