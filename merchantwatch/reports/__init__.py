"""Reports: each a function of one ``Results``, written whole or not at all."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from merchantwatch.errors import OutputError, UsageError
from merchantwatch.findings import Results
from merchantwatch.reports.json import FINDING_COLUMNS, as_dict, finding_rows

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


def write(results: Results, fmt: str, path: Path | None) -> None:
    """Write one report to a path, or to standard output when there is none.

    A file is written beside its place and renamed into it. Raises OutputError when that fails.
    """
    check_format(fmt)
    render = _renderer(fmt)
    if path is None:
        render(results, sys.stdout.buffer)
        sys.stdout.flush()
        return
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe cannot be renamed into.
            with path.open("wb") as file:
                render(results, file)
            return
        _write_whole(results, render, path)
    except OSError as error:
        raise OutputError(
            f"{path}: the report cannot be written ({error.strerror}); check the folder",
            f"{path}：无法写入报告（{error.strerror}），请检查文件夹",
        ) from None


def _write_whole(
    results: Results, render: Callable[[Results, IO[bytes]], None], path: Path
) -> None:
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            render(results, file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    beside.chmod(0o666 & ~_umask())
    beside.replace(path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
