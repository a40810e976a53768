"""A bounded folder of cache files: the least recently used are deleted first.

Each file holds its own checksum, is written atomically, and is readable by its owner alone. A file
that could not be written, is damaged or has been deleted counts as absent.
"""

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from merchantwatch.support.leftovers import part_beside, remove_parts

_HEAD = b"MWCACHE2"
_ENDING = ".cached"

_AT_A_TIME = 1 << 20

_BEFORE = 64
"""How many bytes stand before the content, which thus begins where numbers may be read in place."""


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
        return self._sound(name, lambda path: memoryview(path.read_bytes())[_BEFORE:])

    def mapped(self, name: str) -> memoryview | None:
        """Return the same as ``get``, but leave it in the file, even if that is deleted.

        The system reads what is used of it, and may drop it from memory at any time.
        """
        return self._sound(name, _mapped)

    def _sound(self, name: str, content: Callable[[Path], memoryview]) -> memoryview | None:
        path = self._path(name)
        try:
            if not _is_sound(path):
                self.drop(name)
                return None
            found = content(path)
        except OSError:
            return None
        # The modification time records the last use: access times are often switched off.
        with suppress(OSError):
            os.utime(path)
        return found

    def put(self, name: str, *parts: bytes | memoryview, written_after: int = 0) -> None:
        """Store the parts of a file, one after the other.

        Nothing is stored if the disk refuses or its clock is not past ``written_after`` (ns).
        """
        # Joined they would be in memory twice.
        check, size = 0, 0
        for part in parts:
            check, size = zlib.crc32(part, check), size + len(part)
        path = self._path(name)
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part_beside(path) as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(_before(size, check))
                file.writelines(parts)
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


def _before(size: int, checksum: int) -> bytes:
    """Return what stands before a content: it shows damage, not what somebody has written there."""
    checks = size.to_bytes(8, "little") + checksum.to_bytes(4, "little")
    return (_HEAD + checks).ljust(_BEFORE, b"\0")


def _is_sound(path: Path) -> bool:
    """Say whether a file has the content that was written. Raises OSError where it is not read."""
    size = checksum = 0
    with path.open("rb") as file:
        before = file.read(_BEFORE)
        while piece := file.read(_AT_A_TIME):
            size, checksum = size + len(piece), zlib.crc32(piece, checksum)
    return before == _before(size, checksum)


def _mapped(path: Path) -> memoryview:
    import pyarrow as pa

    try:
        # Python's own map would hold a descriptor for each file.
        with pa.memory_map(str(path)) as file:
            return memoryview(file.read_buffer()).cast("B")[_BEFORE:]
    except UnicodeError:
        return memoryview(path.read_bytes())[_BEFORE:]
