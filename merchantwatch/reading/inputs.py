"""What a user names as input, found: files, folders, globs, standard input."""

import glob
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from merchantwatch.errors import InputError

EXTENSIONS = (".csv", ".parquet")
"""What is looked for in a folder."""

STDIN = "-"
_GLOB_SIGNS = ("*", "?", "[")


@dataclass(frozen=True)
class FoundFile:
    """A file to read; ``named`` when the user named it and not only its folder or a pattern."""

    path: Path
    label: str
    named: bool
    timed: bool = True


def find(name: str) -> list[FoundFile]:
    """Return the files that one input stands for, in path order.

    Raises InputError for a path that is not there and for a pattern or folder without files.
    """
    if name == STDIN:
        return [FoundFile(_spooled(), "<stdin>", named=True, timed=False)]
    path = Path(name)
    if path.is_dir():
        return _nonempty(_in_folder(path), name)
    if path.exists():
        return [FoundFile(path, name, named=True)]
    if any(sign in name for sign in _GLOB_SIGNS):
        matches = sorted(Path(match) for match in glob.glob(name, recursive=True))  # noqa: PTH207
        files = [
            file
            for match in matches
            for file in (_in_folder(match) if match.is_dir() else [_listed(match)])
        ]
        return _nonempty(files, name)
    raise InputError(
        f"{name}: no such file or folder; check the path",
        f"{name}：找不到该文件或文件夹，请检查路径",
    )


def _in_folder(folder: Path) -> list[FoundFile]:
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix.lower() in EXTENSIONS:
            found.append(_listed(path))
    return found


def _listed(path: Path) -> FoundFile:
    return FoundFile(path, str(path), named=False)


def _nonempty(files: list[FoundFile], name: str) -> list[FoundFile]:
    if not files:
        kinds = ", ".join(EXTENSIONS)
        raise InputError(
            f"{name}: no file to read there ({kinds})", f"{name}：其中没有可读取的文件（{kinds}）"
        )
    return files


def _spooled() -> Path:
    """Copy standard input to a temporary file, which the caller removes after reading."""
    with tempfile.NamedTemporaryFile(prefix="merchantwatch-", delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return Path(file.name)
