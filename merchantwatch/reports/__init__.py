"""Reports: each a function of one ``Results``, written whole or not at all."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, NamedTuple, cast

from merchantwatch.errors import UsageError
from merchantwatch.reports.json import FINDING_COLUMNS, as_dict, finding_rows
from merchantwatch.results.model import Results
from merchantwatch.support import writing

__all__ = [
    "BINARY",
    "FINDING_COLUMNS",
    "FORMATS",
    "as_dict",
    "check_format",
    "check_kept",
    "finding_rows",
    "format_of",
    "write",
]

Render = Callable[[Results, IO[bytes]], None]


class Format(NamedTuple):
    """A format of reports: the module that renders it, and by which of its functions.

    What is ``of_rows`` needs more than a kept run holds.
    """

    name: str
    module: str
    extension: str | None = None
    render: str = "render"
    binary: bool = False
    of_rows: bool = False


_TABLE = (
    Format("text", "text", ".txt"),
    Format("json", "json", ".json"),
    Format("html", "html", ".html"),
    Format("xlsx", "workbook", ".xlsx", binary=True),
    Format("md", "markdown", ".md"),
    Format("md-long", "markdown", None, "render_long"),
    Format("csv", "hits", ".csv", "render_csv", of_rows=True),
    Format("parquet", "hits", ".parquet", "render_parquet", binary=True, of_rows=True),
    Format("tasks-csv", "task_tables", None, "render_csv"),
    Format("tasks-parquet", "task_tables", None, "render_parquet", binary=True),
    Format("prometheus", "prometheus", ".prom"),
    Format("quarantine", "quarantine", of_rows=True),
)
"""Every format there is. A new one is a module, and a row here."""

FORMATS = tuple(fmt.name for fmt in _TABLE)
"""The names of the formats."""

BINARY = tuple(fmt.name for fmt in _TABLE if fmt.binary)
"""Formats that need a path."""

_EXTENSIONS = {fmt.extension: fmt.name for fmt in _TABLE if fmt.extension}


def check_format(name: str) -> None:
    """Raise UsageError when a report format is not built."""
    if name not in FORMATS:
        built = ", ".join(FORMATS)
        raise UsageError(
            f"-o {name}: not built yet; there are {built}", f"-o {name}：尚未支持；可用 {built}"
        )


def check_kept(name: str) -> None:
    """Raise UsageError for a report format that is not there, or cannot be had of a kept run."""
    check_format(name)
    if next(fmt for fmt in _TABLE if fmt.name == name).of_rows:
        able = ", ".join(fmt.name for fmt in _TABLE if not fmt.of_rows)
        raise UsageError(
            f"-o {name}: a JSON report does not hold every row; scan again, or take {able}",
            f"-o {name}：JSON 报告中没有全部明细；请重新扫描，或改用 {able}",
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


def _renderer(name: str) -> Render:
    fmt = next(fmt for fmt in _TABLE if fmt.name == name)
    module = import_module(f"merchantwatch.reports.{fmt.module}")
    return cast("Render", getattr(module, fmt.render))
