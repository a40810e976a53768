"""Cache of values parsed from the package's files, stored beside Python's compiled files."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
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
    """Return the cache folder of a folder; None where Python would not write compiled files."""
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    return folder / "__pycache__"


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
