"""The progress bar of a long scan: bytes read, rows judged, time left; only on a terminal."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from merchantwatch.reading import Export, ParquetFile
from merchantwatch.support import log

_HEAD_BYTES = 1 << 18


class Bar:
    """A progress bar on standard error, in bytes: rows are converted by the head of each file."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("…", total=None, rows=0)
        self._rows, self._bytes, self._all = 0, 0.0, 0

    def begin(self, exports: Sequence[Export]) -> None:
        """Set the number of bytes that are going to be read, from the first one on."""
        self._rows, self._bytes, self._all = 0, 0.0, sum(map(_bytes, exports))
        self._progress.update(self._task, total=self._all or None, completed=0, rows=0)

    def of(self, export: Export) -> Callable[[int], None]:
        """Return a function that moves the bar by a number of rows of an export."""
        length = _row_bytes(export)

        def advance(rows: int) -> None:
            self._rows += rows
            # The bytes of a row are an estimate: a bar must not go beyond its end.
            self._bytes = min(self._bytes + rows * length, self._all)
            self._progress.update(self._task, completed=self._bytes, rows=self._rows)

        return advance

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._progress.stop()


def bar(*, quiet: bool) -> Bar | None:
    """Return a progress bar if standard error is a terminal."""
    return None if quiet or log.is_on() or not sys.stderr.isatty() else Bar()


def _bytes(export: Export) -> int:
    # Not every label is a path: that of a sheet or of a table in memory is none.
    with suppress(OSError, ValueError):
        return Path(export.label).stat().st_size
    return 0


def _row_bytes(export: Export) -> float:
    """Return about how many bytes of a file one row takes; 0 where that is unknown."""
    size = _bytes(export)
    if isinstance(export.source, ParquetFile):
        return size / max(export.source.rows, 1)
    with suppress(OSError, ValueError), Path(export.label).open("rb") as file:
        head = file.read(_HEAD_BYTES)
        # Others are workbooks or UTF-16, in which these bytes do not count rows.
        if b"\0" not in head:
            # One line is the header.
            return len(head) / max(head.count(b"\n") - 1, 1)
    return 0.0
