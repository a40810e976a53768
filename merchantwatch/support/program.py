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
    from importlib.metadata import version  # takes its time

    parts = [f"{name} {version(name)}" for name in _LIBRARIES]
    for folder, _, names in sorted(os.walk(Path(__file__).parents[1])):
        for name in sorted(names):
            if name.endswith(_OURS):
                file = os.stat(f"{folder}/{name}")  # noqa: PTH116  hundreds of them
                parts.append(f"{name} {file.st_size} {file.st_mtime_ns}")
    return sha256("\n".join(parts).encode()).hexdigest()
