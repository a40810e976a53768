"""One reading of a CSV file from beginning to end, which tells afterwards how it went."""

import itertools
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from merchantwatch.reading.cells import Wanted, without_blank_lines
from merchantwatch.reading.damage import CutIds, conflict, swallowed
from merchantwatch.reading.decoding import decoded, shows_its_signs
from merchantwatch.reading.headers import Header
from merchantwatch.reading.packed import Content
from merchantwatch.reading.plain import parted, texts_of
from merchantwatch.reading.streams import mended_source, odd_quotes, source_of
from merchantwatch.reading.text import BadRow

BLOCK_BYTES = 1 << 20
"""What is parsed at a time: small enough to stay in a core's cache, which measures fastest."""

_READY_TOGETHER = 16
"""How many parsed blocks are made ready at a time: few calls on long columns are faster."""

_READY_BESIDE = 2
"""How many such groups are worked on while the next is parsed."""

_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class Manner(IntEnum):
    """How an attempt reads: each way sees more than the one before it, and takes longer."""

    FAST = 0
    NUMBERED = 1
    MENDED = 2


class Fault(IntEnum):
    """Why an attempt failed."""

    RAGGED = 1
    JOINED = 2
    CUT_IDS = 3
    ENCODING = 4
    BROKEN = 5


@dataclass(frozen=True)
class Text:
    """A text file as an attempt takes it.

    In the columns of ``zeroed`` it is known already that Excel has cut the ids.
    """

    content: Content
    header: Header
    encoding: str
    zeroed: frozenset[int]

    @property
    def shows_its_signs(self) -> bool:
        """Whether it can be parsed before it is decoded.

        A header that reads so in several encodings leaves it to the whole text which of them it is.
        """
        alone = len(self.header.encodings) == 1
        return alone and shows_its_signs(self.encoding, self.header.delimiter)


class Attempt:
    """One reading of a file from beginning to end, which tells afterwards how it went."""

    def __init__(self, text: Text, wanted: Wanted, manner: Manner) -> None:
        self.text, self.wanted, self.manner = text, wanted, manner
        self.fault: Fault | None = None
        self.message = ""
        self.rows = 0
        self.bad_rows: list[BadRow] = []
        ids = {index for index, column in wanted.columns.items() if column.is_id}
        self.ids = CutIds(ids - text.zeroed)
        self._texts = [index for index, c in wanted.columns.items() if not (c.is_id or c.is_time)]
        self._left_out: set[int] = set()
        self._ends_in_a_line_break = False
        self._next_row = 2
        self._last_column = f"c{len(text.header.cells) - 1}"
        self._undecoded = manner is Manner.FAST and text.shows_its_signs

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what pyarrow cannot raise: that a ragged row's own text does not decode."""
        before = sys.unraisablehook

        def heard(unraisable: Any) -> None:
            if isinstance(unraisable.exc_value, UnicodeError):
                self.fault = Fault.RAGGED if self._undecoded else Fault.ENCODING
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
        if self._ends_in_a_line_break and odd_quotes(self.text.content):
            self.fault = self.fault or Fault.JOINED
        if self.ids.columns:
            self.fault = self.fault or Fault.CUT_IDS
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
        if self._undecoded:
            encoding, empty = self.text.encoding, self.wanted.empty
            columns = {i: decoded(cells, encoding, empty) for i, cells in columns.items()}
        texts = texts_of(columns, self.wanted)
        self._look_at(texts)
        rows = {**self.wanted.made(columns), "source_row": together.column("source_row")}
        batches = parted(texts, rows, self.wanted)
        return [without_blank_lines(batch, len(self.wanted.columns)) for batch in batches]

    def _look_at(self, texts: Mapping[int, Any]) -> None:
        """See what only whole columns show: cut ids, rows that a quote has swallowed."""
        header = self.text.header
        if self.ids.undecided:
            self.ids.look(texts)
        for index in self._texts if self.manner < Manner.MENDED else ():
            if swallowed(texts[index], header.delimiter, len(header.cells)):
                self.fault = Fault.JOINED

    def _open(self) -> Any:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        header = self.text.header
        names = [f"c{index}" for index in range(len(header.cells))]
        wanted = list(
            dict.fromkeys([*(f"c{index}" for index in self.wanted.read), self._last_column])
        )
        return arrow_csv.open_csv(
            self._source(),
            read_options=arrow_csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=1,
                encoding=self._decoded_by_the_reader(),
                use_threads=self.manner is Manner.FAST,
                block_size=BLOCK_BYTES,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=header.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=self._ragged_row,
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.binary() if self._undecoded else pa.string()),
                null_values=self.wanted.empty,
                strings_can_be_null=True,
            ),
        )

    def _source(self) -> Any:
        content, header, encoding = self.text.content, self.text.header, self.text.encoding
        if self.manner is not Manner.MENDED:
            return source_of(content, encoding)
        expected = len(header.cells)
        return mended_source(content, encoding, header.delimiter, expected, self.bad_rows)

    def _decoded_by_the_reader(self) -> str:
        plain = self._undecoded or self.manner is Manner.MENDED
        return "utf8" if plain or self.text.encoding.startswith("utf-8") else self.text.encoding

    def _ragged_row(self, row: Any) -> str:
        if self.manner is Manner.FAST:
            self.fault = Fault.RAGGED
            return "error"
        if self.manner is Manner.NUMBERED and _LINE_BREAK.search(row.text.strip()):
            self.fault = Fault.JOINED
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
            last = batch.column(self._last_column)[batch.num_rows - 1].as_py() or ""
            signs = b"\r\n" if isinstance(last, bytes) else "\r\n"
            self._ends_in_a_line_break = any(sign in last for sign in signs)

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


def _in_groups(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(itertools.islice(items, size)):
        yield group


def _diagnosis(error: Exception) -> Fault:
    undecoded = isinstance(error, UnicodeError) or "UTF8" in str(error)
    return Fault.ENCODING if undecoded else Fault.BROKEN
