"""Names of files as readable text, whatever encoding they were written in."""

import mmap
import os
import re
import zipfile
from pathlib import Path
from typing import Any

from merchantwatch.reading.encodings import ranked

_UTF8_NAME = 0x800
_IN_ZIPS = ("gb18030", "big5", "cp932", "cp949", "cp437")
"""Encodings of names in zips that state none: Windows of East Asia, and DOS."""

_TRIED = (*_IN_ZIPS, "cp1252", "cp1251")
_FRAMES = re.compile("[\u2500-\u259f]")
"""Box-drawing characters of DOS: in a name they are letters decoded wrongly."""


def shown(name: str) -> str:
    """Return a path of this machine as text that every output can hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return _read(os.fsencode(name), _IN_ZIPS[:-1])
    return name


def place_of(path: Path) -> Any:
    """Return what pyarrow opens a file by: its path, or where that is no UTF-8, the bytes."""
    if shown(str(path)) == str(path):
        return path
    import pyarrow as pa

    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return pa.BufferReader(pa.py_buffer(mapped))


def member_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of a member of a zip, which may be marked as UTF-8 and is not always."""
    name = entry.filename
    # Some programs set the flag of UTF-8 on names that they have decoded as DOS text themselves.
    if entry.flag_bits & _UTF8_NAME and not _FRAMES.search(name):
        return name
    try:
        # zipfile decodes unmarked names as CP437, which is reversible: the bytes are recovered.
        return _read(name.encode("cp437"), _IN_ZIPS)
    except UnicodeEncodeError:
        return name


def _read(name: bytes, home: tuple[str, ...]) -> str:
    """Return the bytes of a name as text: UTF-8 if they are, else as it reads best."""
    best = ranked([name], _TRIED, home)[:1]
    # UTF-8 first: other encodings decode nearly any bytes to something.
    for encoding in ("utf-8", *best, *home):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "backslashreplace")
