"""SHA-256 digests of files, computed once as long as a file stays unchanged."""

import os
import re
from hashlib import file_digest, sha256
from pathlib import Path

from msgspec import Struct, field

from merchantwatch.support.shelf import Shelf

_DIGEST = re.compile(rb"[0-9a-f]{64}")

_SURE = 2 * 10**9
"""Within this many nanoseconds a file may be written twice and get the same time."""


class Digests(Struct):
    """The digests of files, stored in a ``shelf`` if there is one.

    A file is unchanged if its device, inode, size, mtime and ctime are. A writer can set the mtime
    back, but not the ctime.
    """

    shelf: Shelf | None = None
    _known: dict[Path, tuple[tuple[int, ...], str]] = field(default_factory=dict)

    def of(self, path: Path) -> str | None:
        """Return the digest of a file; None where it cannot be read."""
        try:
            identity = _identity(path)
            known = self._known.get(path)
            if known is None or known[0] != identity:
                self._known[path] = known = (identity, self._digest(path, identity))
        except OSError:
            return None
        return known[1]

    def is_current(self, path: Path) -> bool:
        """Say whether a file still is as it was when its digest was taken."""
        try:
            return path in self._known and self._known[path][0] == _identity(path)
        except OSError:
            return False

    def _digest(self, path: Path, identity: tuple[int, ...]) -> str:
        # By path and identity: an unchanged file is recognised without being read.
        place = os.fsencode(path.absolute())
        name = "file-" + sha256(place + repr(identity).encode()).hexdigest()
        known = self.shelf.get(name) if self.shelf else None
        if known is not None and _DIGEST.fullmatch(known):
            return bytes(known).decode()
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        # Not stored if the file was written meanwhile: the digest is then of neither version.
        if self.shelf and _identity(path) == identity:
            self.shelf.put(name, digest.encode(), written_after=max(identity[-2:]) + _SURE)
        return digest


def _identity(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
