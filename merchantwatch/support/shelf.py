"""A bounded folder of cache files: the least recently used are deleted first.

Each file holds its own checksum, is written atomically, and is readable by its owner alone. A file
that could not be written, is damaged or has been deleted counts as absent.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from merchantwatch.support.leftovers import part_beside, remove_parts

_HEAD = b"MWCACHE1"
_ENDING = ".cached"
_SUM_BYTES = 32


class Shelf:
    """A bounded folder of files by name; names consist of letters, digits and dashes."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self._most = folder, most

    def names(self) -> Iterator[str]:
        """Yield the names of all files that are there."""
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.suffix == _ENDING:
                    yield path.stem

    def get(self, name: str) -> memoryview | None:
        """Return a file's content, and count it as used now; None if absent or damaged."""
        path = self._path(name)
        try:
            data = memoryview(path.read_bytes())
        except OSError:
            return None
        body = data[len(_HEAD) + _SUM_BYTES :]
        if data[: len(_HEAD) + _SUM_BYTES] != _HEAD + sha256(body).digest():
            self.drop(name)
            return None
        # The modification time records the last use: access times are often switched off.
        with suppress(OSError):
            os.utime(path)
        return body

    def put(self, name: str, body: bytes, written_after: int = 0) -> None:
        """Store a file, unless the disk refuses or its clock is not past ``written_after`` (ns)."""
        path = self._path(name)
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part_beside(path) as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(_HEAD + sha256(body).digest())
                file.write(body)
            # The source may have changed within the same tick of the clock after it was read.
            if path.stat().st_mtime_ns <= written_after:
                self.drop(name)

    def drop(self, name: str) -> None:
        """Delete a file, if it is there."""
        with suppress(OSError):
            self._path(name).unlink()

    def tidy(self) -> None:
        """Delete the least recently used files beyond the size that all may take together.

        What killed runs have left of files goes, too.
        """
        remove_parts(self.folder)
        left, found = self._most, []
        with suppress(OSError):
            for path in self.folder.iterdir():
                with suppress(OSError):
                    status = path.stat()
                    found.append((status.st_mtime_ns, status.st_size, path))
        for _, size, path in sorted(found, reverse=True):
            left -= size
            if left < 0 and path.suffix == _ENDING:
                self.drop(path.stem)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_ENDING}"
