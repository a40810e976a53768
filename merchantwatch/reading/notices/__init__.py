"""Notices of platforms shipped with the program: files of exemptions, named ``notice:NAME``."""

from pathlib import Path

from merchantwatch.errors import UsageError

PREFIX = "notice:"
FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the names of the notices."""
    return sorted(file.stem for file in FOLDER.glob("*.csv"))


def file_of(path: Path) -> Path:
    """Return the file of the notice that a path names; another path is itself.

    Raises UsageError for a notice that is not there.
    """
    if not path.name.startswith(PREFIX):
        return path
    name = path.name.removeprefix(PREFIX)
    if name not in names():
        known = ", ".join(names())
        raise UsageError(
            f"--exemptions {PREFIX}{name[:40]}: no such notice; there are {known}",
            f"--exemptions {PREFIX}{name[:40]}：没有这份公告；可用的有 {known}",
        )
    return FOLDER / f"{name}.csv"
