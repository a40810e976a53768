"""Line breaks: how many a file has, and whether one inside a cell hides a row.

If a file has as many lines as rows were read, no cell holds a line break. Counting them is cheap.
Only if there are more lines, all columns are examined, also those that are not read.
"""

import io
import re
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from merchantwatch.reading.arrow import Batch
from merchantwatch.reading.packed import Content

_LF, _CR = b"\n", b"\r"
_FEW_BYTES = 1 << 16


class LineCount:
    """Counts the lines of a file while it is read, so that no second pass is needed for it."""

    def __init__(self, content: Content, encoding: str) -> None:
        self._content, self._encoding = content, encoding
        self._ends = _Ends()
        self._counted: Future[int] | None = None

    def begin(self, pool: ThreadPoolExecutor) -> None:
        """Start to count in a pool if line ends cannot be found in the bytes, as in UTF-16."""
        if self._encoding.startswith("utf-16"):
            self._counted = pool.submit(_decoded_lines, self._content, self._encoding)

    def passed(self, stream: Any) -> Any:
        """Return what the reader is given, so that lines are counted as their bytes pass."""
        return stream if self._counted else _Passing(stream, self._ends)

    @property
    def total(self) -> int:
        """The number of lines, once all is read.

        Line feeds are counted if there are any. A file in which some rows end in a carriage return
        alone has more lines than that, and is then examined without need.
        """
        return self._counted.result() if self._counted else self._ends.lines


class _Ends:
    """Counts line ends; carriage returns only while there are no line feeds."""

    def __init__(self) -> None:
        self._feeds, self._returns, self._last = 0, 0, _LF

    def add(self, block: bytes) -> None:
        """Count those in some bytes."""
        if not block:
            return
        self._feeds += _times(_LF, block)
        # Old Macintosh files end lines with it alone; beside line feeds it is only their companion.
        if not self._feeds:
            self._returns += _times(_CR, block)
        self._last = block[-1:]

    @property
    def lines(self) -> int:
        """How many lines there were, the last one too where nothing ends it."""
        count, end = (self._feeds, _LF) if self._feeds else (self._returns, _CR)
        return count + (self._last != end and not (self._last == _LF and not count))


def _times(sign: bytes, block: bytes) -> int:
    """Return how often a byte occurs in a block; removing it is faster than counting it."""
    return len(block) - len(block.replace(sign, b""))


def _decoded_lines(content: Content, encoding: str) -> int:
    with io.TextIOWrapper(content.open(), encoding, "replace", newline="") as text:
        return sum(1 for _ in text)


class _Passing(io.RawIOBase):
    """A stream whose line ends are counted as they pass."""

    def __init__(self, stream: IO[bytes], ends: _Ends) -> None:
        self._stream, self._ends = stream, ends

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        # read, not readinto: the bytes are passed on without a copy.
        block = self._stream.read(size)
        self._ends.add(block)
        return block

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def hides_rows(batches: Iterable[Batch], delimiter: str, width: int) -> bool:
    """Say whether some row's cells hold a line break followed by enough separators for a row.

    ``batches`` hold all columns of a file, as bytes.
    """
    return any(_hides_rows(batch, delimiter, width) for batch in batches)


def _hides_rows(batch: Batch, delimiter: str, width: int) -> bool:
    from pyarrow import compute

    signs = None
    columns: list[Any] = batch.columns
    for cells in columns:
        if compute.max(compute.binary_length(cells)).as_py() is None:
            continue
        broken = compute.match_substring_regex(cells, "[\r\n]")
        if not compute.any(broken).as_py():
            continue
        # A note over several lines has few separators; a row that a quote has swallowed has those
        # of a row.
        count = compute.count_substring(cells, delimiter)
        count = compute.fill_null(compute.if_else(broken, count, 0), 0)
        signs = count if signs is None else compute.add(signs, count)
    # Half a row's separators: the swallowed row may be cut, but a note hardly has that many.
    least = max(1, (width - 1) // 2)
    return signs is not None and (compute.max(signs).as_py() or 0) >= least


def end_is_blank(content: Content, delimiter: str, rows: int) -> bool:
    """Say whether the last lines of a file hold nothing but separators."""
    with content.open() as stream:
        if content.packing or not stream.seekable():
            return False
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _FEW_BYTES))
        lines = re.split(rb"\r\n|\r|\n", stream.read())
    last = lines[:-1] if lines[-1] == b"" else lines
    signs = delimiter.encode() + b' "\t'
    return len(last) > rows and not any(line.strip(signs) for line in last[-rows:])
