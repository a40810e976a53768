"""Cache of values parsed from the package's files, stored beside Python's compiled files.

Where the package may not be written to, as one that an administrator has installed, or Python is
told to write no compiled files, it is in the user's folder for caches.
"""

import os
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


class _Entry(msgspec.Struct):
    """A cached value, and name, size and modification time of each file that it comes from."""

    of: list[tuple[str, int, int]]
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
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What is compiled there is run: under sudo the home may be of somebody else.
        if os.name == "nt" or where.stat().st_uid == os.geteuid():
            return where
    return None


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


def _likeness(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield name, size and modification time of each file that the value depends on."""
    found = map(find_spec, ("sqlglot", "holidays"))
    parser = [Path(spec.origin) for spec in found if spec and spec.origin]
    ours = (file for file in folder.rglob("*") if file.suffix in (".toml", ".py"))
    for file in [*sorted(ours), _FIELDS, *parser]:
        status = file.stat()
        yield str(file), status.st_size, status.st_mtime_ns
