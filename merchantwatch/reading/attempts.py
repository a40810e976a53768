"""One attempt to read a CSV file from beginning to end, and what it found wrong."""

import itertools
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from enum import IntEnum
from typing import Any, Literal

from msgspec import Struct

from merchantwatch.reading import no_records
from merchantwatch.reading.arrow import Batch, Cells, Kind, counting
from merchantwatch.reading.breaks import LineCount, end_is_blank, hides_rows
from merchantwatch.reading.cells import Wanted, without_blank_lines
from merchantwatch.reading.cut_ids import CutIds
from merchantwatch.reading.damage import Damage, damage_of
from merchantwatch.reading.decoding import decoded, splits_as_bytes
from merchantwatch.reading.headers import Header
from merchantwatch.reading.packed import Content
from merchantwatch.reading.parsing import Parsing, Ragged
from merchantwatch.reading.plain import split_plain, texts_of
from merchantwatch.reading.records import parsed, without_end
from merchantwatch.reading.repairing import Repair
from merchantwatch.reading.streams import repaired_source, source_of
from merchantwatch.reading.text import BadRow

BLOCK_BYTES = 1 << 20
"""How much is parsed at a time: a block that fits a core's cache, which is fastest as measured."""

_READY_TOGETHER = 16
"""How many parsed blocks are cleaned at a time: few calls on long columns are faster."""

_MOST_WAITING = 2
"""How many such groups are cleaned while the next one is parsed."""


class Manner(IntEnum):
    """How an attempt reads: each way detects more damage than the one before, and is slower."""

    FAST = 0
    NUMBERED = 1
    REPAIRED = 2


class TextFile(Struct, frozen=True):
    """A text file and how it is read: its encoding, and whether quotes enclose cells.

    In the columns ``zeroed`` Excel is known to have cut the ids. If not ``quoted``, a quote is an
    ordinary character.
    """

    content: Content
    header: Header
    encoding: str
    zeroed: frozenset[int]
    quoted: bool = True

    @property
    def splits_as_bytes(self) -> bool:
        """Whether it can be parsed before it is decoded."""
        # If the header reads the same in several encodings, only decoding all text can decide.
        alone = len(self.header.encodings) == 1
        return alone and splits_as_bytes(self.encoding, self.header.delimiter)


class Attempt:
    """One attempt to read a file from beginning to end; afterwards it holds what it found wrong."""

    def __init__(self, text: TextFile, wanted: Wanted, manner: Manner, larger: int = 1) -> None:
        self.text, self.wanted, self.manner = text, wanted, manner
        self._block = larger * BLOCK_BYTES
        self.fault: Damage | None = None
        self.message = ""
        self.rows = 0
        self.bad_rows: list[BadRow] = []
        ids = {index for index, column in wanted.columns.items() if column.is_id}
        # Columns known to be cut are not searched again: their ids are quarantined.
        self.ids = CutIds(ids - text.zeroed)
        self._lines = LineCount(text.content, text.encoding)
        header = text.header
        self._repair = Repair(header, wanted.columns, wanted.empty, quoted=text.quoted)
        self._left_out: set[int] = set()
        self._maybe_blank: list[int] = []
        self._next_row = header.row + 1
        self._undecoded = manner is Manner.FAST and text.splits_as_bytes

    @property
    def letters(self) -> list[int]:
        """The rows in which a quote that is not closed was read as a letter."""
        return self._repair.letters

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle an error that pyarrow cannot raise: text of a ragged row that does not decode."""
        # pyarrow calls the handler of ragged rows from C++: Python only reports its exceptions.
        before = sys.unraisablehook

        def on_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
            if isinstance(unraisable.exc_value, UnicodeError):
                self.fault = Damage.RAGGED if self._undecoded else Damage.ENCODING
            else:
                before(unraisable)

        sys.unraisablehook = on_unraisable
        try:
            yield
        finally:
            sys.unraisablehook = before

    def batches(self) -> Iterator[Batch]:
        """Yield the batches of this attempt, each cleaned while the next is parsed."""
        import pyarrow as pa

        waiting: deque[Future[list[Batch]]] = deque()
        try:
            with ThreadPoolExecutor(max_workers=_MOST_WAITING + 1) as pool:
                # Line by line, no row can hide: lines need not be counted.
                if self.manner is not Manner.REPAIRED:
                    self._lines.begin(pool)
                for parsed in _in_groups(self._counted(), _READY_TOGETHER):
                    waiting.append(pool.submit(self._ready, parsed))
                    if len(waiting) > _MOST_WAITING:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            self._look_back()
        except (pa.ArrowInvalid, UnicodeError) as error:
            self.fault = self.fault or damage_of(error)
            self.message = str(error)
            raise
        self.rows += len(self.bad_rows)

    def _look_back(self) -> None:
        """Raise UnicodeError if the file, now read to its end, shows that it must be read again."""
        if self.manner is Manner.REPAIRED:
            self._settle()
        elif self.fault is None and (self._hides_rows() or self._hides_cells()):
            self.fault = Damage.JOINED
        if self.ids.columns:
            self.fault = self.fault or Damage.CUT_IDS
        if self.fault:
            raise UnicodeError(self.fault.name)

    def _settle(self) -> None:
        """Add the rows that were set aside line by line."""
        # The reader must have taken each repaired record for one row; else rows were joined.
        if self._repair.records != self.rows:
            self.fault = Damage.BROKEN
        # Blank in all columns that are read, but not in others: a record without an id.
        unread = set(self._maybe_blank) - self._repair.blank
        self.bad_rows += [*self._repair.bad_rows, *(BadRow(row, "DQ101") for row in unread)]
        self.rows -= len(self._repair.blank) + len(unread)

    def _hides_rows(self) -> bool:
        """Say whether some cell, read or not, holds a line break and hides rows.

        If there are rows of another length too, it may hide a part of one.
        """
        header = self.text.header
        read = self.rows + len(self._left_out) + header.lines
        if not self.text.quoted or self._lines.total == read:
            return False
        if self._left_out:
            return True
        import pyarrow as pa

        # As bytes: columns that are not read need not be text in the file's encoding.
        with self._reader(range(header.width), pa.binary(), (), lambda _: "skip") as batches:
            return hides_rows(batches, header.delimiter, header.width)

    def _hides_cells(self) -> bool:
        """Say whether rows that are blank in the columns read may hold something in others."""
        # Blank lines at the end are common, and cheap to check; elsewhere the file is read again.
        rows = len(self._maybe_blank)
        if not rows:
            return False
        last = self._next_row - 1
        at_the_end = not self._left_out and min(self._maybe_blank) == last - rows + 1
        delimiter = self.text.header.delimiter
        return not (at_the_end and end_is_blank(self.text.content, delimiter, rows))

    def _counted(self) -> Iterator[Batch]:
        """Yield the parsed batches, with a column of row numbers added."""
        import pyarrow as pa

        kind = pa.binary() if self._undecoded else pa.string()
        read, empty = self.wanted.read, self.wanted.empty
        with self._reader(read, kind, empty, self._ragged_row) as batches:
            for batch in batches:
                self.rows += batch.num_rows
                yield batch.append_column("source_row", self._numbers(batch.num_rows))

    def _ready(self, parsed: list[Batch]) -> list[Batch]:
        import pyarrow as pa

        together = pa.concat_batches(parsed)  # type: ignore[attr-defined]
        columns = dict(zip(self.wanted.read, together.columns, strict=False))
        if self._undecoded:
            encoding, empty = self.text.encoding, self.wanted.empty
            columns = {i: decoded(cells, encoding, empty) for i, cells in columns.items()}
        texts = texts_of(columns, self.wanted)
        self.ids.look(texts)
        rows = {**self.wanted.hashes(columns), "source_row": together.column("source_row")}
        batches = split_plain(texts, rows, self.wanted)
        return [self._without_blank_lines(batch) for batch in batches]

    def _without_blank_lines(self, batch: Batch) -> Batch:
        left = without_blank_lines(batch, len(self.wanted.columns))
        if len(left) < len(batch):
            filled = set(left["source_row"].to_pylist())
            rows: list[Any] = batch["source_row"].to_pylist()
            self._maybe_blank += [row for row in rows if row not in filled]
        return left

    @contextmanager
    def _reader(
        self, columns: Sequence[int], kind: Kind, empty: Sequence[str], ragged: Ragged
    ) -> Iterator[Iterable[Batch]]:
        """Open the file for its reader; what is opened is closed at the end."""
        with (
            closing(self._source()) as source,
            self._parsing().open(source, columns, kind, empty, ragged) as batches,
        ):
            yield batches

    def _parsing(self) -> Parsing:
        repaired = self.manner is Manner.REPAIRED
        return Parsing(
            self.text.header,
            skipped=0 if repaired else self.text.header.lines,
            encoding=self._decoded_by_the_reader(),
            quoted=self.text.quoted,
            threads=self.manner is Manner.FAST,
            block=self._block,
        )

    def _source(self) -> Any:
        content, encoding = self.text.content, self.text.encoding
        if self.manner is Manner.REPAIRED:
            return repaired_source(content, encoding, self._repair)
        return self._lines.passed(source_of(content, encoding))

    def _decoded_by_the_reader(self) -> str:
        plain = self._undecoded or self.manner is Manner.REPAIRED
        return "utf8" if plain or self.text.encoding.startswith("utf-8") else self.text.encoding

    def _ragged_row(self, row: Any) -> Literal["skip", "error"]:
        if self.manner is Manner.FAST:
            self.fault = Damage.RAGGED
            return "error"
        # Only one thread numbers rows: with several, above, the file is read once more.
        header = self.text.header
        # pyarrow counts lines of the file, Excel counts rows: a header may take several lines.
        number = row.number - header.lines + header.row
        # Extra empty cells are harmless, and a line break hides a second row: both can be repaired.
        cells = parsed(without_end(row.text), header.delimiter).cells
        fits = len(cells) >= len(header.cells) and not any(map(str.strip, cells[header.width :]))
        if "\n" in row.text.strip() or "\r" in row.text.strip() or fits:
            self.fault = Damage.JOINED
            return "error"
        bad = no_records.ragged(number, cells, header.width)
        if bad is not None:
            self.bad_rows.append(bad)
        self._left_out.add(number)
        return "skip"

    def _numbers(self, count: int) -> Cells:
        """Return the row numbers of the next ``count`` rows, past the ragged ones among them.

        The reader prefetches, so ragged rows beyond these may be known already.
        """
        import pyarrow as pa

        first = self._next_row
        left_out = {row for row in self._left_out if row >= first}
        if not left_out:
            self._next_row += count
            return counting(first, first + count)
        candidates = (row for row in itertools.count(first) if row not in left_out)
        numbers = list(itertools.islice(candidates, count))
        self._next_row = numbers[-1] + 1 if numbers else first
        return pa.array(numbers, pa.int64())


def _in_groups(items: Iterator[Batch], size: int) -> Iterator[list[Batch]]:
    while group := list(itertools.islice(items, size)):
        yield group
