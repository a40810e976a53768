"""Whether a file was written while it was read: by its size, time, device and inode."""

import os
from pathlib import Path

from msgspec import Struct

from merchantwatch.errors import InputError


class Stamp(Struct, frozen=True):
    """The state of a file before it was opened."""

    path: Path
    label: str
    identity: tuple[int, ...]
    size: int

    @classmethod
    def of(cls, path: Path, label: str) -> "Stamp":
        """Return the stamp of a file now. Raises OSError where the file cannot be examined."""
        status = path.stat()
        return cls(path, label, _identity(status), status.st_size)

    def rewritten(self) -> InputError | None:
        """Return an error if the file has been changed or replaced since."""
        try:
            now = self.path.stat()
        except OSError:
            return self._error("it is gone", "现已不存在")
        if _identity(now) == self.identity:
            return None
        return self._error(
            f"{self.size:,} bytes then, {now.st_size:,} now",
            f"读取前 {self.size:,} 字节，现为 {now.st_size:,} 字节",
        )

    def _error(self, en: str, zh: str) -> InputError:
        return InputError(
            f"{self.label}: it was written while it was read ({en}): what was read may be partly "
            "old and partly new; scan it again once it is complete",
            f"{self.label}：读取过程中文件被改写（{zh}）：读到的内容可能新旧混杂；请待文件写完后重新扫描",
        )


def _identity(status: os.stat_result) -> tuple[int, ...]:
    # Not the ctime: a backup or a link may change it, and the content stays.
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
