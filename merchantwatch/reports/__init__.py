"""Reports: each a function of one ``Results``, written whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from merchantwatch import writing
from merchantwatch.errors import UsageError
from merchantwatch.reports.json import FINDING_COLUMNS, as_dict, finding_rows
from merchantwatch.results import Results

__all__ = [
    "BINARY",
    "FINDING_COLUMNS",
    "FORMATS",
    "as_dict",
    "check_format",
    "finding_rows",
    "format_of",
    "write",
]

FORMATS = ("text", "json", "html", "csv", "parquet", "quarantine")
"""The formats that are built."""

BINARY = ("parquet",)
"""Formats that need a path."""

_EXTENSIONS = {
    ".txt": "text",
    ".json": "json",
    ".html": "html",
    ".csv": "csv",
    ".parquet": "parquet",
}


def check_format(name: str) -> None:
    """Raise UsageError when a report format is not built."""
    if name not in FORMATS:
        built = ", ".join(FORMATS)
        raise UsageError(
            f"-o {name}: not built yet; there are {built}", f"-o {name}：尚未支持；可用 {built}"
        )


def format_of(path: Path) -> str:
    """Return the format that a path's extension means. Raises UsageError for an unknown one."""
    found = _EXTENSIONS.get(path.suffix.lower())
    if found is None:
        known = ", ".join(_EXTENSIONS)
        raise UsageError(
            f"{path}: no report has this extension; there are {known}",
            f"{path}：没有这种扩展名的报告；可用 {known}",
        )
    return found


def write(results: Results, fmt: str, path: Path | str | None) -> None:
    """Write one report to a path, or to standard output when there is none.

    The file appears whole or not at all. Where the engine is of many machines, these write the hits
    as a folder of Parquet files, which may stand at an address. Raises OutputError when it cannot
    be written.
    """
    check_format(fmt)
    if fmt == "parquet" and path is not None and results.write_hits is not None:
        results.write_hits(path)
        return
    render = _renderer(fmt)
    writing.write(lambda file: render(results, file), path)


def _renderer(fmt: str) -> Callable[[Results, IO[bytes]], None]:
    if fmt == "text":
        from merchantwatch.reports.text import render
    elif fmt == "json":
        from merchantwatch.reports.json import render
    elif fmt == "html":
        from merchantwatch.reports.html import render
    elif fmt == "csv":
        from merchantwatch.reports.hits import render_csv as render
    elif fmt == "quarantine":
        from merchantwatch.reports.quarantine import render
    else:
        from merchantwatch.reports.hits import render_parquet as render
    return render
