"""Cache of values parsed from the package's files, stored beside Python's compiled files.

Where the package may not be written to, as one that an administrator has installed, or Python is
told to write no compiled files, it is in the user's folder for caches.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import msgspec

from merchantwatch.support.leftovers import part_beside

Value = TypeVar("Value")

_FIELDS = Path(__file__).parents[1] / "fields.py"
_ROOT = 0
_OF_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class _Entry(msgspec.Struct):
    """A cached value, and the name and the likeness of each file that it comes from."""

    of: list[tuple[str, str]]
    value: msgspec.Raw


def place(folder: Path) -> Path | None:
    """Return the cache folder of a folder of the package; None where nothing can be cached."""
    if not sys.dont_write_bytecode and os.access(folder, os.W_OK):
        return folder / "__pycache__"
    return _of_user(folder)


def _of_user(folder: Path) -> Path | None:
    """Return the user's cache folder of a folder of this installation, if it is theirs alone."""
    import platformdirs

    installed = sha256(os.fsencode(folder)).hexdigest()[:16]
    where = platformdirs.user_cache_path("merchantwatch") / "programs" / installed
    if not where.is_absolute():  # there is no home
        return None
    with suppress(OSError):
        if os.name == "nt":
            where.mkdir(parents=True, exist_ok=True)
            return where
        if _is_theirs_alone(where):
            return where
    return None


def _is_theirs_alone(where: Path) -> bool:
    """Make a folder, unless somebody else could change it or put another in its place.

    What is compiled there is run: under sudo the home may be of somebody else, who would be root by
    it. Raises OSError where it cannot be made.
    """
    for folder in (*reversed(where.parents), where):
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700, exist_ok=True)  # another run may make it now
        if not _is_fixed(folder):
            return False
    there = where.resolve(strict=True)
    status = there.stat()
    is_own = status.st_uid == os.geteuid() and not status.st_mode & _OF_OTHERS
    return is_own and all(map(_is_fixed, there.parents))


def _is_fixed(folder: Path) -> bool:
    """Say whether nobody else can put something in the place of what is in a folder, or a link."""
    status = folder.lstat()
    is_open = status.st_mode & _OF_OTHERS and not status.st_mode & stat.S_ISVTX
    return status.st_uid in (_ROOT, os.geteuid()) and (folder.is_symlink() or not is_open)


def cached(folder: Path, kind: type[Value], make: Callable[[], Value]) -> Value:
    """Return the value that ``make`` computes from a folder of the package, cached between runs.

    It is computed again when a file of the folder, the parser of predicates, or the calendar has
    changed.
    """
    where = place(folder)
    if where is None:
        return make()
    file, of = where / "value.msgpack", list(_likeness(folder))
    with suppress(OSError, msgspec.MsgspecError):
        found = msgspec.msgpack.decode(file.read_bytes(), type=_Entry)
        if found.of == of:
            return msgspec.msgpack.decode(found.value, type=kind)
    value = make()
    with suppress(OSError):  # a disk that is full costs time, not the report
        _store(file, _Entry(of, msgspec.Raw(msgspec.msgpack.encode(value))))
    return value


def _store(file: Path, found: _Entry) -> None:
    """Write a file that appears whole or not at all: several runs may begin at once."""
    file.parent.mkdir(exist_ok=True)
    with part_beside(file) as fresh:
        fresh.write(msgspec.msgpack.encode(found))


def _likeness(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each file that the value depends on, and what changes with it.

    Of the package's own files that is a digest: what installs programs may give the files of each
    version the same time, and the user's cache outlives them.
    """
    ours = (file for file in folder.rglob("*") if file.suffix in (".toml", ".py"))
    for file in [*sorted(ours), _FIELDS]:
        yield str(file), sha256(file.read_bytes()).hexdigest()
    found = map(find_spec, ("sqlglot", "holidays"))
    for file in [Path(spec.origin) for spec in found if spec and spec.origin]:
        yield str(file), state_of(file)


def state_of(file: Path) -> str:
    """Return the size and the modification time of a file of a library."""
    status = file.stat()
    return f"{status.st_size} {status.st_mtime_ns}"
