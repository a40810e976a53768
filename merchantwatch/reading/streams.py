"""Streams of bytes for the CSV reader: the file's, cut between characters, or repaired."""

import io
import itertools
from collections.abc import Iterator
from typing import IO, Any

from merchantwatch.reading.packed import Content
from merchantwatch.reading.repairing import Repair

_LONGEST_CHARACTER = 4


def source_of(content: Content, encoding: str) -> IO[bytes]:
    """Return a stream of a file's bytes for the reader.

    A truncated file may end with half a character. Its row is too short anyway and is quarantined
    for that, so the half is left out.
    """
    # The end of a packed file is only known once all of it is unpacked.
    may_be_cut = content.packing or _ends_in_half_a_character(content)
    stream = content.open()
    if encoding.startswith("utf-8") and may_be_cut:
        return io.BufferedReader(_WholeCharacters(stream), 1 << 20)
    return stream


def repaired_source(content: Content, encoding: str, repair: Repair) -> IO[bytes]:
    """Return the rows below a file's header as UTF-8, repaired line by line."""
    stream: IO[bytes] = content.open()
    if encoding.startswith("utf-8"):
        stream = io.BufferedReader(_WholeCharacters(stream))
        # Only the columns that are read must be valid UTF-8: other bytes pass through unchanged.
        errors = "surrogateescape"
    else:
        errors = "strict"
    text = io.TextIOWrapper(stream, encoding, errors, newline="")
    lines = repair.lines(itertools.islice(text, repair.header.lines, None))
    encoded = (line.encode("utf-8", errors) for line in lines)
    return io.BufferedReader(_Joined(encoded, text), 1 << 20)


def _ends_in_half_a_character(content: Content) -> bool:
    size = content.path.stat().st_size
    with content.open() as stream:
        stream.seek(max(size - _LONGEST_CHARACTER, 0))
        return _half_character(stream.read()) > 0


def _half_character(tail: bytes) -> int:
    """Return how many bytes at the end belong to an unfinished UTF-8 character."""
    for length in (1, 2, 3):
        first = tail[-length] if length <= len(tail) else 0
        if first >= 0xC0:  # noqa: PLR2004  the first byte of a character of several
            needed = 2 if first < 0xE0 else 3 if first < 0xF0 else 4  # noqa: PLR2004
            return length if length < needed else 0
    return 0


class _WholeCharacters(io.RawIOBase):
    """A stream of UTF-8 without the half of a character at its end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._held = stream, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            more = self._stream.read(max(len(buffer) - _LONGEST_CHARACTER, 1))
            data = self._held + more
            if not more:
                ready, self._held = data[: len(data) - _half_character(data)], b""
                break
            # Held back: only at the end of the file may a character be incomplete.
            ready, self._held = data[:-_LONGEST_CHARACTER], data[-_LONGEST_CHARACTER:]
            if ready:
                break
        buffer[: len(ready)] = ready
        return len(ready)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


class _Joined(io.RawIOBase):
    """Lines as one stream of bytes; ``owned`` is closed with it."""

    def __init__(self, lines: Iterator[bytes], owned: io.TextIOWrapper) -> None:
        self._lines, self._owned, self._rest = lines, owned, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        parts, size = [self._rest], len(self._rest)
        while size < len(buffer) and (line := next(self._lines, None)) is not None:
            parts.append(line)
            size += len(line)
        data = b"".join(parts)
        ready, self._rest = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(ready)] = ready
        return len(ready)

    def close(self) -> None:
        if not self.closed:
            self._owned.close()
        super().close()
