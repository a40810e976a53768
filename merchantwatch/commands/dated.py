"""Dated reports: ``{date}`` in a path, and a copy of the newest one called ``latest``."""

import os
import re
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from merchantwatch.errors import OutputError, UsageError
from merchantwatch.support.writing import write

_SLOT = re.compile(r"\{\{|\}\}|\{([^{}]*)\}?|\}")
_SLOTS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d-%H%M%S"}
_LATEST = "latest"


def filled(path: str, as_of: datetime) -> str:
    """Return a path with ``{date}`` and ``{datetime}`` as of the run; ``{{`` is a brace.

    Raises UsageError for other words in braces.
    """
    return _fill(path, {name: as_of.strftime(form) for name, form in _SLOTS.items()})


def latest_of(path: str) -> str | None:
    """Return the path of the newest dated report, with ``latest`` in place of the date."""
    if not any(slot[1] in _SLOTS for slot in _SLOT.finditer(path)):
        return None
    return _fill(path, dict.fromkeys(_SLOTS, _LATEST))


def _fill(path: str, values: dict[str, str]) -> str:
    def value(slot: re.Match[str]) -> str:
        if slot[0] in ("{{", "}}"):
            return slot[0][0]
        if slot[1] in values and slot[0].endswith("}"):
            return values[slot[1]]
        raise UsageError(
            f"-o {path}: {slot[0]} is neither {{date}} nor {{datetime}}; write {{{{ for a brace",
            f"-o {path}：{slot[0]} 不是 {{date}} 或 {{datetime}}；花括号本身请写成 {{{{",
        )

    return _SLOT.sub(value, path)


def make_folder(path: Path) -> None:
    """Create the folder of a day if necessary. Raises OutputError when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unmade(path.parent, error) from None


def publish(path: Path, latest: Path) -> None:
    """Copy a report to ``latest``, atomically; for a folder, make a link.

    Raises OutputError when that fails.
    """
    make_folder(latest)
    if path.is_dir():
        _link(path, latest)
        return
    with path.open("rb") as report:
        write(lambda file: shutil.copyfileobj(report, file), latest)


def _link(path: Path, latest: Path) -> None:
    # A link cannot be changed in place: a new one takes the name of the old one at once.
    beside = latest.with_name(f".{latest.name}.{secrets.token_hex(8)}.part")
    try:
        beside.symlink_to(os.path.relpath(path, latest.parent), target_is_directory=True)
        beside.replace(latest)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise _unmade(latest, error) from None


def _unmade(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: it cannot be made ({error.strerror}); check the folder",
        f"{path}：无法创建（{error.strerror}），请检查文件夹",
    )
