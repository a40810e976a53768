"""Where reports may go: never over what a run reads, nor two of them to one place."""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from merchantwatch.errors import InputError, UsageError
from merchantwatch.language.text import Text
from merchantwatch.reading import find, is_address, is_own_report
from merchantwatch.settings import Settings

_INPUT = Text(zh="一个输入文件", en="an input")
_SETTINGS = Text(zh="设置文件", en="the settings file")
_PACK = Text(zh="规则包", en="a pack")
_EXEMPTIONS = Text(zh="豁免文件", en="the exemptions file")
_HISTORY = Text(zh="历史记录", en="the history")
_HEARTBEAT = Text(zh="心跳文件", en="the file of the heartbeat")
_IGNORED = Text(zh="忽略清单", en="the file of suppressions")
_HISTORY = Text(zh="历史记录", en="the history")
_OUTPUT = Text(zh="另一份报告的路径", en="the path of another output")

_STDIN = "-"


class _Taken(NamedTuple):
    """A place that is taken, and by what; ``listed`` when only its folder or pattern was named."""

    path: Path
    what: Text
    listed: bool = False


def refuse_taken(
    targets: Sequence[Path | str | None], inputs: Sequence[object], settings: Settings
) -> None:
    """Raise UsageError when a report would take the place of what is read, or of another one.

    However a path is written: relative, through links, by another name of the same file.
    """
    places = [Path(target) for target in targets if target and not is_address(str(target))]
    if not places:
        return
    taken: dict[str | tuple[int, int], _Taken] = {}
    for one in (*_read(inputs), *_told(settings)):
        taken |= dict.fromkeys(_names(one.path), one)
    for place in places:
        for name in _names(place):
            other = taken.get(name)
            # An earlier report of ours that lies in a folder of exports is passed over there.
            if other and not (other.listed and is_own_report(other.path)):
                raise _refused(place, other)
        if place.is_dir():
            _refuse_around(place, taken.values())
        taken |= dict.fromkeys(_names(place), _Taken(place, _OUTPUT))


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
            pass  # what cannot be found is told when it is read
        yield _Taken(Path(name), _INPUT)


def _told(settings: Settings) -> Iterator[_Taken]:
    """Yield the files that say how to judge, and those that a run leaves beside its reports."""
    if settings.config:
        yield _Taken(settings.config, _SETTINGS)
    yield from (_Taken(pack, _PACK) for pack in settings.pack)
    if settings.exemptions:
        yield _Taken(settings.exemptions, _EXEMPTIONS)
    if settings.history and settings.history.path:
        yield _Taken(Path(settings.history.path), _HISTORY)
    if settings.history and settings.history.path:
        for end in ("", ".lock", "-wal", "-shm"):
            yield _Taken(Path(settings.history.path + end), _HISTORY)
    if settings.heartbeat.path:
        folder = settings.config.parent if settings.config else Path()
        yield _Taken(folder / settings.heartbeat.path, _HEARTBEAT)
    if settings.ignore_file:
        yield _Taken(settings.ignore_file, _IGNORED)


def _refuse_around(place: Path, taken: Iterable[_Taken]) -> None:
    """Raise UsageError when a folder of hits would replace one that holds what is read."""
    start = _spelt(place) + os.sep
    for other in taken:
        if _spelt(other.path).startswith(start):
            raise _refused(place, other)


def _names(path: Path) -> Iterator[str | tuple[int, int]]:
    """Yield by what one tells that two paths are one place; a device has room for several."""
    try:
        found = path.stat()
    except OSError:
        yield _spelt(path)
        return
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        yield _spelt(path)
        yield found.st_dev, found.st_ino


def _spelt(path: Path) -> str:
    """Return a path as one spells it where upper and lower case are one."""
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()


def _refused(place: Path, other: _Taken) -> UsageError:
    return UsageError(
        f"{place} is {other.what.en}; give the report another path",
        f"{place} 是{other.what.zh}，请为报告换一个路径",
    )
