"""Checks of the places that a run writes to: none is an input, and no two are the same."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from merchantwatch.errors import InputError, UsageError
from merchantwatch.language.text import Text
from merchantwatch.reading import find, is_address, is_report_file
from merchantwatch.settings import Settings

_INPUT = Text(zh="一个输入文件", en="an input")
_SETTINGS = Text(zh="设置文件", en="the settings file")
_PACK = Text(zh="规则包", en="a pack")
_EXEMPTIONS = Text(zh="豁免文件", en="the exemptions file")
_HISTORY = Text(zh="历史记录", en="the history")
_HEARTBEAT = Text(zh="心跳文件", en="the file of the heartbeat")
_IGNORED = Text(zh="忽略清单", en="the file of suppressions")
_REPORT = Text(zh="报告", en="the report")
_OUTPUT = Text(zh="另一份报告的路径", en="the path of another output")

_STDIN = "-"
_SQLITE = "sqlite:///"


_Name = str | tuple[int, int]
"""The identity of a place: its path, or the device and number of its file."""


class _Taken(NamedTuple):
    """A place that is taken, and by what; ``listed`` when only its folder or pattern was named."""

    path: Path
    what: Text
    listed: bool = False


def refuse_taken(
    targets: Sequence[Path | str | None], inputs: Sequence[object], settings: Settings
) -> None:
    """Raise UsageError when a report would overwrite an input, or another report.

    Paths are compared by their files: relative ones, links and other names of one file are equal.
    """
    places = [Path(target) for target in targets if target and not is_address(str(target))]
    if not places:
        return
    taken = _by_name([*_read(inputs), *_settings_files(settings), *_other_outputs(settings)])
    for place in places:
        other = _at(place, taken)
        if other:
            raise _refused(place, _REPORT, other)
        # A folder of Parquet files, as Spark writes it, replaces all that was in the folder.
        if place.is_dir():
            _refuse_around(place, taken.values())
        taken |= _by_name([_Taken(place, _OUTPUT)])


def refuse_overwriting(inputs: Sequence[object], settings: Settings) -> None:
    """Raise UsageError when the other files of a run would overwrite what it reads.

    These are its history and its heartbeat, which may not be one file either.
    """
    left = list(_other_outputs(settings))
    if not left:
        return
    taken = _by_name([*_read(inputs), *_settings_files(settings)])
    for one in left:
        other = _at(one.path, taken)
        # The files of a history are one thing: they do not refuse each other.
        if other and other.what != one.what:
            raise _refused(one.path, one.what, other)
        taken |= _by_name([one])


def _by_name(places: Iterable[_Taken]) -> dict[_Name, _Taken]:
    return {name: one for one in places for name in _names(one.path)}


def _at(place: Path, taken: Mapping[_Name, _Taken]) -> _Taken | None:
    """Return what has taken a place.

    An earlier report of this program in a folder of exports may be overwritten: scans skip it.
    """
    found = (taken[name] for name in _names(place) if name in taken)
    return next((one for one in found if not (one.listed and is_report_file(one.path))), None)


def _read(inputs: Sequence[object]) -> Iterator[_Taken]:
    """Yield the files and folders that are read."""
    for item in inputs:
        name = str(item) if isinstance(item, str | os.PathLike) else _STDIN
        if name == _STDIN or is_address(name):
            continue
        try:
            for file in find(name):
                yield _Taken(file.path, _INPUT, listed=not file.named)
        except (InputError, OSError):
            pass  # reading it will raise the error
        yield _Taken(Path(name), _INPUT)


def _settings_files(settings: Settings) -> Iterator[_Taken]:
    """Yield the files that say how to judge."""
    if settings.config:
        yield _Taken(settings.config, _SETTINGS)
    yield from (_Taken(pack, _PACK) for pack in settings.pack)
    if settings.exemptions:
        yield _Taken(settings.exemptions, _EXEMPTIONS)
    if settings.ignore_file:
        yield _Taken(settings.ignore_file, _IGNORED)


def _other_outputs(settings: Settings) -> Iterator[_Taken]:
    """Yield the files that a run writes besides its reports."""
    history = _history_file(settings)
    if history:
        # SQLite writes the last two beside its file; the lock is ours.
        for end in ("", ".lock", "-wal", "-shm"):
            yield _Taken(Path(history + end), _HISTORY)
    if settings.heartbeat.path:
        folder = settings.config.parent if settings.config else Path()
        yield _Taken(folder / settings.heartbeat.path, _HEARTBEAT)


def _history_file(settings: Settings) -> str | None:
    """Return the file of a history in SQLite that the settings name, by its path or URL."""
    history = settings.history
    if history is None or history.path:
        return history.path if history else None
    url = history.url or ""
    # As the history does: an address with a password stays out of the settings.
    if url.startswith("env:"):
        url = os.environ.get(url.removeprefix("env:"), "")
    return url.removeprefix(_SQLITE).partition("?")[0] if url.startswith(_SQLITE) else None


def _refuse_around(place: Path, taken: Iterable[_Taken]) -> None:
    """Raise UsageError when a folder of hits would replace one that holds an input."""
    start = _spelt(place) + os.sep
    for other in taken:
        if _spelt(other.path).startswith(start):
            raise _refused(place, _REPORT, other)


def _names(path: Path) -> Iterator[_Name]:
    """Yield what identifies the file of a path; nothing for a device, which may be used twice."""
    try:
        found = path.stat()
    except OSError:
        yield _spelt(path)
        return
    # By its path too: a report replaces a file under its name, and the new one has another number.
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        yield _spelt(path)
        yield found.st_dev, found.st_ino


def _spelt(path: Path) -> str:
    """Return a path normalised for file systems that ignore upper and lower case."""
    # macOS and Windows hold A and a for one name, and macOS splits é into two signs.
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()


def _refused(place: Path, what: Text, other: _Taken) -> UsageError:
    return UsageError(
        f"{place} is {other.what.en}; give {what.en} another path",
        f"{place} 是{other.what.zh}，请为{what.zh}换一个路径",
    )
