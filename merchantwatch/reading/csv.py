"""CSV files as streams of text columns, decoded strictly and with every row accounted for.

A file is read in the fastest way that loses nothing: first with all threads; when a row turns out
to be ragged, once more in one thread, where the reader can number the rows that it leaves out; when
a quote that is not closed has joined rows, once more without the line that opens it.
"""

import itertools
import re
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from merchantwatch.errors import InputError
from merchantwatch.reading.ahead import ahead
from merchantwatch.reading.cells import Wanted, parted, without_blank_lines
from merchantwatch.reading.damage import CutIds, conflict, swallowed
from merchantwatch.reading.headers import Header, read_header, undecodable, vocabulary
from merchantwatch.reading.packed import Content
from merchantwatch.reading.streams import mended_source, odd_quotes, source_of
from merchantwatch.reading.text import BadRow, TextSource

BLOCK_BYTES = 1 << 20
"""What is parsed at a time: small enough to stay in a core's cache, which measures fastest."""

_READY_TOGETHER = 8
"""How many parsed blocks are made ready at a time: few calls on long columns are faster."""

_READY_BESIDE = 2
"""How many such groups are worked on while the next is parsed."""

_READ_AHEAD = 16
"""How many batches are read ahead of whoever takes them: some megabytes each."""


_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class _Manner(IntEnum):
    """How an attempt reads: each way sees more than the one before it, and takes longer."""

    FAST = 0
    NUMBERED = 1
    MENDED = 2


class _Fault(IntEnum):
    """Why an attempt failed."""

    RAGGED = 1
    JOINED = 2
    CUT_IDS = 3
    ENCODING = 4
    BROKEN = 5


@dataclass
class CsvFile(TextSource):
    """A CSV file whose header is known: ``headers`` by position.

    Of Spark alone: ``address`` is where it finds a file that this machine does not hold; of so many
    bad rows that only the first are fetched, ``unlisted`` are left; and where rows are not
    ``numbered``, they are in order, but nobody knows the number that Excel shows.
    """

    label: str
    headers: tuple[str, ...]
    content: Content
    header: Header
    encoding: str | None = None
    encoding_from: str | None = None
    rows: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    zeroed: frozenset[int] = frozenset()
    first_row: int = 2
    address: str = ""
    unlisted: int = 0
    numbered: bool = True

    def read_into(self, wanted: Wanted, load: Callable[[Iterator[Any]], None]) -> None:
        """Hand the batches of the wanted columns to ``load``, until one attempt holds."""
        for encoding in self.header.encodings:
            manner: _Manner | None = _Manner.FAST
            while manner is not None:
                attempt = _Attempt(self, encoding, wanted, manner)
                self._try(attempt, load)
                if attempt.fault is None:
                    self.encoding, self.encoding_from = encoding, self.header.reason(encoding)
                    self.rows = attempt.rows
                    self.bad_rows = sorted(attempt.bad_rows, key=lambda bad: bad.row)
                    return
                manner = self._next(attempt)
        raise undecodable(self.content, self.header.encodings)

    def _try(self, attempt: "_Attempt", load: Callable[[Iterator[Any]], None]) -> None:
        try:
            with attempt.listening():
                load(ahead(attempt.batches(), _READ_AHEAD))
        except Exception:
            if attempt.fault is None:
                raise

    def _next(self, attempt: "_Attempt") -> _Manner | None:
        """Return how to read after an attempt that failed; None: in another encoding.

        Raises InputError where no other way is left.
        """
        fault, manner = attempt.fault, attempt.manner
        if fault is _Fault.ENCODING:
            return None
        if fault is _Fault.CUT_IDS:
            self.zeroed |= attempt.ids.columns
            return manner
        if fault is _Fault.RAGGED:
            return _Manner.NUMBERED
        if manner is _Manner.MENDED or (fault is _Fault.BROKEN and not odd_quotes(self.content)):
            raise _broken(self.label, attempt.message)
        return _Manner.MENDED


class _Attempt:
    """One reading of a file from beginning to end, which tells afterwards how it went."""

    def __init__(self, file: CsvFile, encoding: str, wanted: Wanted, manner: _Manner) -> None:
        self.file, self.encoding, self.wanted, self.manner = file, encoding, wanted, manner
        self.fault: _Fault | None = None
        self.message = ""
        self.rows = 0
        self.bad_rows: list[BadRow] = []
        ids = {index for index, column in wanted.columns.items() if column.is_id}
        self.ids = CutIds(ids - file.zeroed)
        self._texts = [index for index, c in wanted.columns.items() if not (c.is_id or c.is_time)]
        self._left_out: set[int] = set()
        self._ends_in_a_line_break = False
        self._next_row = 2
        self._last_column = f"c{len(file.headers) - 1}"

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what pyarrow cannot raise: that a ragged row's own text does not decode."""
        before = sys.unraisablehook

        def heard(unraisable: Any) -> None:
            if isinstance(unraisable.exc_value, UnicodeError):
                self.fault = _Fault.ENCODING
            else:
                before(unraisable)

        sys.unraisablehook = heard
        try:
            yield
        finally:
            sys.unraisablehook = before

    def batches(self) -> Iterator[Any]:
        """Yield the batches of this attempt, each made ready while the next is parsed."""
        import pyarrow as pa

        waiting: deque[Future[list[Any]]] = deque()
        try:
            with ThreadPoolExecutor(max_workers=_READY_BESIDE) as pool:
                for parsed in _in_groups(self._counted(), _READY_TOGETHER):
                    waiting.append(pool.submit(self._ready, parsed))
                    if len(waiting) > _READY_BESIDE:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            self._look_back()
        except (pa.ArrowInvalid, UnicodeError) as error:
            self.fault = self.fault or _diagnosis(error)
            self.message = str(error)
            raise
        self.rows += len(self.bad_rows)

    def _look_back(self) -> None:
        """Raise when the whole file, now that it is read, shows that it must be read again."""
        if self._ends_in_a_line_break and odd_quotes(self.file.content):
            self.fault = self.fault or _Fault.JOINED
        if self.ids.columns:
            self.fault = self.fault or _Fault.CUT_IDS
        if self.fault:
            raise UnicodeError(self.fault.name)

    def _counted(self) -> Iterator[Any]:
        """Yield the parsed batches, their rows counted and numbered in a column of their own."""
        for batch in self._open():
            self._look_at_the_end(batch)
            yield batch.append_column("source_row", self._numbers(batch.num_rows))

    def _ready(self, parsed: list[Any]) -> list[Any]:
        import pyarrow as pa

        together = pa.concat_batches(parsed)
        columns = dict(zip(self.wanted.read, together.columns, strict=False))
        batches = parted(columns, together.column("source_row"), self.wanted)
        ready = [without_blank_lines(batch, len(self.wanted.columns)) for batch in batches]
        self._look_at(ready)
        return ready

    def _look_at(self, ready: list[Any]) -> None:
        """See what only whole columns show: cut ids, rows that a quote has swallowed."""
        for batch in ready:
            if self.ids.undecided:
                self.ids.look(batch)
            for index in self._texts if self.manner < _Manner.MENDED else ():
                column = batch.column(f"c{index}")
                if swallowed(column, self.file.header.delimiter, len(self.file.headers)):
                    self.fault = _Fault.JOINED

    def _open(self) -> Any:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        names = [f"c{index}" for index in range(len(self.file.headers))]
        wanted = list(
            dict.fromkeys([*(f"c{index}" for index in self.wanted.read), self._last_column])
        )
        return arrow_csv.open_csv(
            self._source(),
            read_options=arrow_csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=1,
                encoding=self._decoded_by_the_reader(),
                use_threads=self.manner is _Manner.FAST,
                block_size=BLOCK_BYTES,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.file.header.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=self._ragged_row,
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                null_values=self.wanted.empty,
                strings_can_be_null=True,
            ),
        )

    def _source(self) -> Any:
        content = self.file.content
        if self.manner is not _Manner.MENDED:
            return source_of(content, self.encoding)
        header = self.file.header
        expected = len(header.cells)
        return mended_source(content, self.encoding, header.delimiter, expected, self.bad_rows)

    def _decoded_by_the_reader(self) -> str:
        mended = self.manner is _Manner.MENDED
        return "utf8" if mended or self.encoding.startswith("utf-8") else self.encoding

    def _ragged_row(self, row: Any) -> str:
        if self.manner is _Manner.FAST:
            self.fault = _Fault.RAGGED
            return "error"
        if self.manner is _Manner.NUMBERED and _LINE_BREAK.search(row.text.strip()):
            self.fault = _Fault.JOINED
            return "error"
        reason = "DQ305" if conflict(row.text) else "DQ301"
        cells = f"{row.actual_columns} / {row.expected_columns}"
        self.bad_rows.append(BadRow(row.number, reason, cells))
        self._left_out.add(row.number)
        return "skip"

    def _look_at_the_end(self, batch: Any) -> None:
        """See whether the last cell of the last row holds a line break.

        A quote that is never closed makes one cell of all that follows it: then its row is too
        short, unless that cell is the row's last.
        """
        self.rows += batch.num_rows
        if batch.num_rows:
            last = batch.column(self._last_column)[batch.num_rows - 1].as_py()
            self._ends_in_a_line_break = bool(_LINE_BREAK.search(last or ""))

    def _numbers(self, count: int) -> Any:
        """Return the row numbers of the next ``count`` rows, past the ragged ones among them.

        The reader parses ahead, so ragged rows beyond these may be known already.
        """
        import pyarrow as pa

        first = self._next_row
        left_out = {row for row in self._left_out if row >= first}
        if not left_out:
            self._next_row += count
            return pa.arange(first, first + count)
        candidates = (row for row in itertools.count(first) if row not in left_out)
        numbers = list(itertools.islice(candidates, count))
        self._next_row = numbers[-1] + 1 if numbers else first
        return pa.array(numbers, pa.int64())


def open_csv(
    path: Path | Content, label: str = "", words: Collection[str] | None = None
) -> CsvFile:
    """Read a file's header and return the file, ready to be read.

    ``words`` are the headers that are known. Raises InputError when the file is empty or its header
    is in no encoding that is understood.
    """
    content = path if isinstance(path, Content) else Content(path, label)
    header = read_header(content, vocabulary() if words is None else words)
    return CsvFile(content.label, header.cells, content, header)


def _in_groups(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(itertools.islice(items, size)):
        yield group


def _diagnosis(error: Exception) -> _Fault:
    undecoded = isinstance(error, UnicodeError) or "UTF8" in str(error)
    return _Fault.ENCODING if undecoded else _Fault.BROKEN


def _broken(label: str, message: str) -> InputError:
    return InputError(
        f"{label}: it cannot be read as CSV ({message}); export it again",
        f"{label}：无法按 CSV 读取（{message}）；请重新导出",
    )
