"""Which program this is: what another one has made is made anew."""

import os
from functools import cache
from hashlib import sha256
from pathlib import Path

_LIBRARIES = ("merchantwatch", "duckdb", "pyarrow")
"""Of another version of these the same rows may have other hashes, types or words."""

_OURS = (".py", ".sql", ".toml")


@cache
def stamp() -> str:
    """Return what tells this program from others: its files, and the libraries that read for it."""
    from importlib.metadata import version  # takes its time

    told = [f"{name} {version(name)}" for name in _LIBRARIES]
    for folder, _, names in sorted(os.walk(Path(__file__).parents[1])):
        for name in sorted(names):
            if name.endswith(_OURS):
                file = os.stat(f"{folder}/{name}")  # noqa: PTH116  hundreds of them
                told.append(f"{name} {file.st_size} {file.st_mtime_ns}")
    return sha256("\n".join(told).encode()).hexdigest()
