"""Files that appear whole or not at all: written beside their place, then renamed into it."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from merchantwatch.errors import OutputError


def write(render: Callable[[IO[bytes]], object], path: Path | str | None) -> None:
    """Write what ``render`` makes to a path, or to standard output when there is none.

    Raises OutputError when that fails; what stood at the path before still does then.
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
        _write_whole(render, path)
    except OSError as error:
        raise OutputError(
            f"{path}: it cannot be written ({error.strerror}); check the folder",
            f"{path}：无法写入（{error.strerror}），请检查文件夹",
        ) from None


def _write_whole(render: Callable[[IO[bytes]], object], path: Path) -> None:
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
    ) as file:
        beside = Path(file.name)
        try:
            render(file)
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
