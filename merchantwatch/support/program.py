"""The identity of this program's version: cache entries of another version are not used."""

import os
from functools import cache
from hashlib import sha256
from pathlib import Path

_LIBRARIES = ("merchantwatch", "duckdb", "pyarrow")
"""Of another version of these the same rows may have other hashes, types or words."""

_OURS = (".py", ".sql", ".toml")


@cache
def stamp() -> str:
    """Return a digest of the program: its files, and the versions of the libraries that read."""
    # Loaded where it is used: it is slow to import, and only a cache needs it.
    from importlib.metadata import version

    parts = [f"{name} {version(name)}" for name in _LIBRARIES]
    for folder, _, names in sorted(os.walk(Path(__file__).parents[1])):
        for name in sorted(names):
            if name.endswith(_OURS):
                # There are hundreds of files, and pathlib makes an object of each.
                file = os.stat(f"{folder}/{name}")  # noqa: PTH116
                parts.append(f"{name} {file.st_size} {file.st_mtime_ns}")
    return sha256("\n".join(parts).encode()).hexdigest()
