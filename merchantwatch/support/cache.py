"""What is made of the package's own files: made once, and kept beside Python's compiled files."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import msgspec

from merchantwatch.support.leftovers import part_beside

Made = TypeVar("Made")

_FIELDS = Path(__file__).parents[1] / "fields.py"


class _Kept(msgspec.Struct):
    """What was made, and what the files were like that it was made of."""

    of: list[tuple[str, int, int]]
    made: msgspec.Raw


def place(folder: Path) -> Path | None:
    """Return where something made of a folder is kept: nowhere, if Python would not write there."""
    if sys.dont_write_bytecode or not os.access(folder, os.W_OK):
        return None
    return folder / "__pycache__"


def kept(folder: Path, kind: type[Made], make: Callable[[], Made]) -> Made:
    """Return what is made of a folder of the package, as an earlier run has kept it if it could.

    It is made anew when a file of the folder, the parser of predicates, or the calendar is another
    one since.
    """
    where = place(folder)
    if where is None:
        return make()
    file, of = where / "made.msgpack", list(_likeness(folder))
    with suppress(OSError, msgspec.MsgspecError):
        found = msgspec.msgpack.decode(file.read_bytes(), type=_Kept)
        if found.of == of:
            return msgspec.msgpack.decode(found.made, type=kind)
    made = make()
    with suppress(OSError):  # a disk that is full costs time, not the report
        _keep(file, _Kept(of, msgspec.Raw(msgspec.msgpack.encode(made))))
    return made


def _keep(file: Path, found: _Kept) -> None:
    """Write a file that appears whole or not at all: several runs may begin at once."""
    file.parent.mkdir(exist_ok=True)
    with part_beside(file) as fresh:
        fresh.write(msgspec.msgpack.encode(found))


def _likeness(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Yield of each file that counts its name, its size, and when it was written."""
    found = map(find_spec, ("sqlglot", "holidays"))
    parser = [Path(spec.origin) for spec in found if spec and spec.origin]
    ours = (file for file in folder.rglob("*") if file.suffix in (".toml", ".py"))
    for file in [*sorted(ours), _FIELDS, *parser]:
        told = file.stat()
        yield str(file), told.st_size, told.st_mtime_ns
