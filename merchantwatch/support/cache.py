"""Cache of values parsed from the package's files, stored beside Python's compiled files.

The user's cache folder is used instead where the package is not writable (an administrator has
installed it), or where Python is set to write no compiled files.
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
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class _Entry(msgspec.Struct):
    """A cached value, with the name and the digest of each file that it was computed from."""

    of: list[tuple[str, str]]
    # Raw: the entry's sources are compared before the large value itself is decoded.
    value: msgspec.Raw


def place(folder: Path) -> Path | None:
    """Return the cache folder of a folder of the package; None where nothing can be cached."""
    if not sys.dont_write_bytecode and os.access(folder, os.W_OK):
        return folder / "__pycache__"
    return _of_user(folder)


def _of_user(folder: Path) -> Path | None:
    """Return the user's cache folder for a package folder, if no other user can change it."""
    import platformdirs

    # Several installations (virtual environments) share one user's cache: each has its folder.
    installed = sha256(os.fsencode(folder)).hexdigest()[:16]
    where = platformdirs.user_cache_path("merchantwatch") / "programs" / installed
    if not where.is_absolute():  # there is no home
        return None
    with suppress(OSError):
        # Windows profiles are private to their user, and it has no modes of POSIX to test.
        if os.name == "nt":
            where.mkdir(parents=True, exist_ok=True)
            return where
        if _is_theirs_alone(where):
            return where
    return None


def _is_theirs_alone(where: Path) -> bool:
    """Create a folder, and say whether no other user can change or replace it.

    Compiled code in it is executed. Under sudo the home may belong to another user, who could then
    run code as root. Raises OSError where the folder cannot be created.
    """
    for folder in (*reversed(where.parents), where):
        if not os.path.lexists(folder):
            folder.mkdir(mode=0o700, exist_ok=True)  # another run may make it now
        if not _is_fixed(folder):
            return False
    # A parent may be a link: what it points to must be safe, too.
    target = where.resolve(strict=True)
    status = target.stat()
    is_own = status.st_uid == os.geteuid() and not status.st_mode & _WRITABLE_BY_OTHERS
    return is_own and all(map(_is_fixed, target.parents))


def _is_fixed(folder: Path) -> bool:
    """Say whether no other user can replace an entry of a folder, or the target of a link."""
    status = folder.lstat()
    # With the sticky bit (/tmp) others may add entries, but not replace ours.
    is_open = status.st_mode & _WRITABLE_BY_OTHERS and not status.st_mode & stat.S_ISVTX
    return status.st_uid in (_ROOT, os.geteuid()) and (folder.is_symlink() or not is_open)


def cached(folder: Path, kind: type[Value], make: Callable[[], Value]) -> Value:
    """Return the value that ``make`` computes from a folder of the package, cached between runs.

    It is computed again when a file of the folder, the parser of predicates, or the calendar has
    changed.
    """
    where = place(folder)
    if where is None:
        return make()
    file, of = where / "value.msgpack", list(_digests_of(folder))
    with suppress(OSError, msgspec.MsgspecError):
        found = msgspec.msgpack.decode(file.read_bytes(), type=_Entry)
        if found.of == of:
            return msgspec.msgpack.decode(found.value, type=kind)
    value = make()
    with suppress(OSError):  # a disk that is full costs time, not the report
        _store(file, _Entry(of, msgspec.Raw(msgspec.msgpack.encode(value))))
    return value


def _store(file: Path, found: _Entry) -> None:
    """Write an entry atomically: several runs may start at the same time."""
    file.parent.mkdir(exist_ok=True)
    with part_beside(file) as fresh:
        fresh.write(msgspec.msgpack.encode(found))


def _digests_of(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each file that the value depends on, and a text that changes with its content.

    For the package's own files that is a digest, not a time: installers may give the files of
    every version the same time, and the user's cache outlives an installation.
    """
    ours = (file for file in folder.rglob("*") if file.suffix in (".toml", ".py"))
    for file in [*sorted(ours), _FIELDS]:
        yield str(file), sha256(file.read_bytes()).hexdigest()
    found = map(find_spec, ("sqlglot", "holidays"))
    # Libraries are large and versioned: size and time are enough, a digest would cost start-up.
    for file in [Path(spec.origin) for spec in found if spec and spec.origin]:
        yield str(file), state_of(file)


def state_of(file: Path) -> str:
    """Return the size and the modification time of a file of a library."""
    status = file.stat()
    return f"{status.st_size} {status.st_mtime_ns}"
