"""Inputs by their names: files, folders, globs, standard input."""

import glob
import os
import re
import shutil
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.errors import InputError
from merchantwatch.reading.names import shown
from merchantwatch.support.leftovers import nameless, remove, temporary_folder

TEXT = (".csv", ".tsv", ".txt")
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
EXTENSIONS = (*TEXT, *WORKBOOKS, ".parquet", ".feather", ".arrow", ".gz", ".zip")
"""The extensions of files that are read from a folder or a zip."""

STDIN = "-"
_OPEN_FILES = Path(f"/proc/{os.getpid()}/fd")
_GLOB_SIGNS = ("*", "?", "[")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|table:")


class FoundFile(Struct, frozen=True):
    """A file to read; ``named`` when the user named it and not only its folder or a pattern.

    Its path may name the shop and the time of the export. For a file in a zip, ``path`` is the path
    that it would have unpacked, ``packed`` the zip, and ``zipped_at`` the wall-clock time stated
    in it. For a file on another machine, ``modified`` is its time in seconds since 1970.
    ``partitions`` are the columns that the names of a Parquet file's folders give.
    """

    path: Path
    label: str
    named: bool
    timed: bool = True
    packed: Path | None = None
    zipped_at: datetime | None = None
    modified: int | None = None
    partitions: Mapping[str, str] = field(default_factory=dict)


def is_address(name: str) -> bool:
    """Say whether a name is no path but an address (``s3a://…``) or a table (``table:NAME``)."""
    return _ADDRESS.match(name) is not None


def find(name: str) -> list[FoundFile]:
    """Return the files of one input, in path order.

    Raises InputError for a path that is not there and for a pattern or folder without files.
    """
    if name == STDIN:
        return [FoundFile(_spooled(), "<stdin>", named=True, timed=False)]
    path = Path(name)
    if path.is_dir():
        return _nonempty(_in_folder(path), name)
    if path.exists():
        if not path.is_file():
            raise _no_file(name)
        return [FoundFile(path, shown(name), named=True)]
    if any(sign in name for sign in _GLOB_SIGNS):
        matches = sorted(Path(match) for match in glob.glob(name, recursive=True))  # noqa: PTH207
        files = [
            file
            for match in matches
            for file in (_in_folder(match) if match.is_dir() else [_listed(match)])
            if file.path.is_file()
        ]
        return _nonempty(files, name)
    raise InputError(
        f"{shown(name)}: no such file or folder; check the path",
        f"{shown(name)}：找不到该文件或文件夹，请检查路径",
    )


def _in_folder(folder: Path) -> list[FoundFile]:
    found = []
    # Sorted: file systems list in any order, and the later of two equal exports counts.
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix.lower() in EXTENSIONS:
            # Folders like day=2 are columns only below the folder that the user named.
            found.append(replace(_listed(path), partitions=_partitions(path.relative_to(folder))))
    return found


def _partitions(path: Path) -> dict[str, str]:
    """Return the columns in the folders of ``shop=one/day=2/part.parquet``: shop one, day 2."""
    pairs = (part.partition("=") for part in path.parts[:-1] if "=" in part)
    return {unquote(name): unquote(value) for name, _, value in pairs}


def _listed(path: Path) -> FoundFile:
    return FoundFile(path, shown(str(path)), named=False)


def _nonempty(files: list[FoundFile], name: str) -> list[FoundFile]:
    if not files:
        name, kinds = shown(name), ", ".join(EXTENSIONS)
        raise InputError(
            f"{name}: no file to read there ({kinds})", f"{name}：其中没有可读取的文件（{kinds}）"
        )
    return files


def _no_file(name: str) -> InputError:
    return InputError(
        f"{shown(name)}: it is a pipe or a device; give a file, or - for standard input",
        f"{shown(name)}：这是管道或设备；请给出文件，或用 - 表示标准输入",
    )


def _spooled() -> Path:
    """Copy standard input to a temporary file, which ``release`` removes after reading.

    Raises InputError when there is no input.
    """
    if sys.stdin is None:
        raise InputError("standard input: it is closed", "标准输入：已关闭")
    try:
        return _copied()
    except OSError as error:
        raise InputError(
            f"standard input: it cannot be read, or put aside ({error.strerror})",
            f"标准输入：无法读取或暂存（{error.strerror}）",
        ) from None


def _copied() -> Path:
    if not _OPEN_FILES.exists():
        named = temporary_folder() / "stdin"
        with named.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        return named
    # Reachable by its descriptor alone: even if this process is killed, no order stays behind.
    with nameless() as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
        file.flush()
        return _OPEN_FILES / str(os.dup(file.fileno()))


def release(path: Path) -> None:
    """Remove a temporary file of standard input."""
    if path.parent == _OPEN_FILES:
        os.close(int(path.name))
    else:
        remove(path.parent)
