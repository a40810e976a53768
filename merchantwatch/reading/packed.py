"""The bytes of a file: from the disk, from a gz, or from a member of a zip.

A packed file is unpacked while it is read and never stored as a whole, but for Parquet, which is
read from its end. The unpacked size is bounded, so that no zip bomb fills the disk or the memory,
or runs all night.
"""

import gzip
import io
import lzma
import mmap
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from msgspec import Struct

from merchantwatch.errors import InputError
from merchantwatch.support.leftovers import nameless

MOST_UNPACKED = 64 << 30
"""More bytes than this are never unpacked from one file."""

MOST_RATIO = 250
"""No more bytes than this come out of one packed byte: exports give ten to fifty."""

UNSUSPICIOUS = 64 << 20
"""How many bytes may come out of however few."""

_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile),
    *(ValueError, OverflowError, struct.error),  # of places and sizes that are none
)


class Content(Struct, frozen=True):
    """The bytes of one file, which can be read any number of times from the beginning.

    ``archive`` is the open zip, which all its members share.
    """

    path: Path
    label: str
    packing: Literal["", "gz", "zip"] = ""
    member: str | zipfile.ZipInfo = ""
    archive: zipfile.ZipFile | None = None

    def open(self) -> IO[bytes]:
        """Return a stream of the bytes; it raises InputError if they break off or are too many."""
        if not self.packing:
            return self.path.open("rb")
        stack = ExitStack()
        with refusing_broken(self.label), ExitStack() as undone:
            undone.callback(stack.close)
            if self.packing == "gz":
                packed = self.path.stat().st_size
                stream: Any = stack.enter_context(gzip.open(self.path))
            else:
                archive = self.archive or stack.enter_context(zipfile.ZipFile(self.path))
                member = self.member
                entry = archive.getinfo(member) if isinstance(member, str) else member
                packed = entry.compress_size
                stream = stack.enter_context(archive.open(entry))
            undone.pop_all()
        return io.BufferedReader(_Bounded(stream, packed, self.label, stack), 1 << 20)

    def head(self, size: int) -> bytes:
        """Return the first bytes."""
        with self.open() as stream:
            return stream.read(size)

    def unpacked(self) -> mmap.mmap:
        """Return all bytes, mapped from a nameless file on the disk.

        Raises InputError when there are more of them than may come out.
        """
        # The system deletes the file once its mapping is gone, however the run ends.
        with nameless() as file:
            with self.open() as stream:
                shutil.copyfileobj(stream, file, 1 << 20)
            file.flush()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def whole(self, most: int) -> bytes:
        """Return all bytes; raises InputError when there are more than ``most``."""
        data = self.head(most + 1)
        if len(data) > most:
            raise too_large(self.label, most)
        return data


class _Bounded(io.RawIOBase):
    """A stream of unpacked bytes that stops with an error where too many come out."""

    def __init__(self, stream: IO[bytes], packed: int, label: str, owned: ExitStack) -> None:
        self._stream, self._label, self._owned = stream, label, owned
        self._most = most_of(packed)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with refusing_broken(self._label):
            data = self._stream.read(len(buffer))
        self._read += len(data)
        if self._read > self._most:
            raise too_large(self._label, self._most)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._owned.close()
        super().close()


def most_of(packed: int) -> int:
    """Return how many bytes may be unpacked from a number of packed ones."""
    # Small files compress well without being bombs: up to 64 MB any ratio is fine.
    return min(MOST_UNPACKED, max(UNSUSPICIOUS, packed * MOST_RATIO))


@contextmanager
def refusing_broken(label: str) -> Iterator[None]:
    """Turn errors of damaged or unsupported archives within it into InputError."""
    try:
        yield
    except _BROKEN as error:
        raise InputError(
            f"{label}: it is damaged or was not copied as a whole ({error}); copy or "
            "export it again",
            f"{label}：文件已损坏或未复制完整（{error}）；请重新复制或导出",
        ) from None
    except (NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{label}: it is packed in a way that is not read ({error}); unpack it and "
            "give the files",
            f"{label}：不支持这种压缩方式（{error}）；请解压后直接给出其中的文件",
        ) from None


def encrypted(label: str) -> InputError:
    """Say that a file needs a password."""
    return InputError(
        f"{label}: it is encrypted; remove the password, or unpack it, and scan again",
        f"{label}：文件已加密；请去掉密码或先解压，再重新扫描",
    )


def too_large(label: str, most: int) -> InputError:
    """Say that more comes out of a packed file than an export ever holds."""
    size = f"{most / (1 << 30):.2g} GB" if most >= 1 << 30 else f"{most >> 20} MB"
    return InputError(
        f"{label}: it unpacks to more than {size}, which no export of its size does; if it is "
        "one, unpack it and give the files",
        f"{label}：解压后超过 {size}，不像正常的导出文件；如确为导出，请先解压再扫描",
    )
