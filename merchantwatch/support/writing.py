"""Atomic writes: a file is written beside its place, then renamed into it."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from merchantwatch.errors import OutputError
from merchantwatch.support.harmless import harmless
from merchantwatch.support.leftovers import part_beside


def write(render: Callable[[IO[bytes]], object], path: Path | str | None) -> None:
    """Write the output of ``render`` to a path, or to standard output if the path is None.

    Raises OutputError when that fails; an earlier file at the path then stays.
    """
    if path is None:
        render(sys.stdout.buffer)
        sys.stdout.flush()
        return
    if isinstance(path, str):
        raise OutputError(
            f"{path}: only --engine spark writes to an address, and only parquet; give a path",
            f"{path}：只有 --engine spark 能写到该地址，且仅限 parquet；请给出路径",
        )
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe cannot be renamed into.
            with path.open("wb") as file:
                render(file)
            return
        with part_beside(path) as file:
            render(file)
    except OSError as error:
        raise _unwritten(path, error) from None


def show(text: str) -> None:
    """Write any text to standard output, escaped for terminals."""
    sys.stdout.write(harmless(text))
    sys.stdout.flush()


def _unwritten(path: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(
        f"{path}: it cannot be written ({reason}); check the folder",
        f"{path}：无法写入（{reason}），请检查文件夹",
    )
