"""CSV files as streams of text columns, decoded strictly and with every row accounted for.

A file is read in the fastest way that loses nothing: first with all threads; when a row turns out
to be ragged, once more in one thread, where the reader can number the rows that it leaves out.
"""

import csv
import itertools
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from merchantwatch.errors import InputError
from merchantwatch.reading.ahead import ahead
from merchantwatch.reading.cells import Wanted, parted, without_blank_lines
from merchantwatch.reading.headers import read_header, undecodable

BLOCK_BYTES = 1 << 20
"""What is parsed at a time: small enough to stay in a core's cache, which measures fastest."""

_READY_TOGETHER = 8
"""How many parsed blocks are made ready at a time: few calls on long columns are faster."""

_READY_BESIDE = 2
"""How many such groups are worked on while the next is parsed."""

_READ_AHEAD = 16
"""How many batches are read ahead of whoever takes them: some megabytes each."""


@dataclass(frozen=True)
class RaggedRow:
    """A row that has not as many cells as the header.

    It spans several ``lines`` of the file when a quote that is not closed has joined them.
    """

    row: int
    cells: int
    expected: int
    lines: int


@dataclass
class CsvFile:
    """A CSV file whose header is known: ``headers`` by position, ``encodings`` left to try."""

    path: Path
    label: str
    headers: tuple[str, ...]
    encodings: tuple[str, ...]
    encoding: str = ""
    rows: int = 0
    ragged: list[RaggedRow] = field(default_factory=list)

    def read_into(self, wanted: Wanted, load: Callable[[Iterator[Any]], None]) -> None:
        """Hand the batches of the wanted columns to ``load``, until one attempt holds.

        Batches are as ``parted`` makes them; ``source_row`` is the row number that Excel shows.
        Each attempt reads the file from its beginning, so ``load`` must leave nothing behind when
        it fails. Raises InputError when no encoding fits.
        """
        for encoding in self.encodings:
            for numbered in (False, True):
                attempt = _Attempt(self, encoding, wanted, numbered=numbered)
                try:
                    with attempt.listening():
                        load(ahead(attempt.batches(), _READ_AHEAD))
                except Exception as error:
                    if attempt.fault is None:
                        raise
                    if attempt.fault is _BROKEN:
                        self._refuse_an_open_quote(encoding)
                        raise _broken(self.label, attempt.message) from error
                if attempt.fault is None:
                    if attempt.ends_in_a_line_break:
                        self._refuse_an_open_quote(encoding)
                    self.encoding, self.rows = encoding, attempt.rows
                    self.ragged = attempt.ragged
                    return
                if attempt.fault is _ENCODING:
                    break
        raise undecodable(self.path, self.label, self.encodings)

    def _refuse_an_open_quote(self, encoding: str) -> None:
        """Raise InputError when a quote that is never closed has swallowed the rows after it."""
        if _quotes(self.path) % 2 == 0:
            return
        csv.field_size_limit(sys.maxsize)
        with self.path.open(encoding=encoding, errors="replace", newline="") as file:
            row, last = 0, [""]
            for row, last in enumerate(csv.reader(file), start=1):  # noqa: B007
                pass
        if any("\n" in cell for cell in last):
            raise InputError(
                f"{self.label}: a quote opened in row {row} is never closed, so the rows after it "
                "cannot be told apart; close it there or export the file again",
                f"{self.label}：第 {row} 行的引号没有闭合，其后的行无法区分；请补上引号或重新导出",
            )


# Why an attempt failed: rows of other lengths, another encoding, or no CSV at all.
_RAGGED = "ragged"
_ENCODING = "encoding"
_BROKEN = "broken"


class _Attempt:
    """One reading of a file from beginning to end, which tells afterwards how it went."""

    def __init__(self, file: CsvFile, encoding: str, wanted: Wanted, *, numbered: bool) -> None:
        self.file, self.encoding, self.wanted, self.numbered = file, encoding, wanted, numbered
        self.fault: str | None = None
        self.message = ""
        self.rows = 0
        self.ragged: list[RaggedRow] = []
        self.ends_in_a_line_break = False
        self._next_row = 2
        self._last_column = f"c{len(file.headers) - 1}"

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what pyarrow cannot raise: that a ragged row's own text does not decode."""
        before = sys.unraisablehook

        def heard(unraisable: Any) -> None:
            if isinstance(unraisable.exc_value, UnicodeError):
                self.fault = _ENCODING
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
            self._raise_what_was_heard()
        except (pa.ArrowInvalid, UnicodeError) as error:
            self.fault = self.fault or _diagnosis(error)
            self.message = str(error)
            raise
        self.rows += sum(ragged.lines for ragged in self.ragged)

    def _raise_what_was_heard(self) -> None:
        if self.fault:
            raise UnicodeError(self.fault)

    def _counted(self) -> Iterator[Any]:
        """Yield the parsed batches, their rows counted and numbered in a column of their own."""
        for batch in self._open():
            self._look_at_the_end(batch)
            yield batch.append_column("source_row", self._numbers(batch.num_rows))

    def _ready(self, parsed: list[Any]) -> list[Any]:
        import pyarrow as pa

        together = pa.concat_batches(parsed)
        columns = dict(zip(self.wanted.columns, together.columns, strict=False))
        batches = parted(columns, together.column("source_row"), self.wanted)
        return [without_blank_lines(batch) for batch in batches]

    def _open(self) -> Any:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        names = [f"c{index}" for index in range(len(self.file.headers))]
        wanted = list(
            dict.fromkeys([*(f"c{index}" for index in self.wanted.columns), self._last_column])
        )
        return arrow_csv.open_csv(
            _whole_characters(self.file.path, self.encoding),
            read_options=arrow_csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=1,
                encoding="utf8" if self.encoding.startswith("utf-8") else self.encoding,
                use_threads=not self.numbered,
                block_size=BLOCK_BYTES,
            ),
            parse_options=arrow_csv.ParseOptions(
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

    def _ragged_row(self, row: Any) -> str:
        if not self.numbered:
            self.fault = _RAGGED
            return "error"
        lines = row.text.strip().count("\n") + 1
        self.ragged.append(RaggedRow(row.number, row.actual_columns, row.expected_columns, lines))
        return "skip"

    def _look_at_the_end(self, batch: Any) -> None:
        """See whether the last cell of the last row holds a line break.

        A quote that is never closed makes one cell of all that follows it: then its row is too
        short, unless that cell is the row's last.
        """
        self.rows += batch.num_rows
        if batch.num_rows:
            last = batch.column(self._last_column)[batch.num_rows - 1].as_py()
            self.ends_in_a_line_break = "\n" in (last or "")

    def _numbers(self, count: int) -> Any:
        """Return the row numbers of the next ``count`` rows, past the ragged ones among them.

        The reader parses ahead, so ragged rows beyond these may be known already.
        """
        import pyarrow as pa

        first = self._next_row
        left_out = {ragged.row for ragged in self.ragged if ragged.row >= first}
        if not left_out:
            self._next_row += count
            return pa.arange(first, first + count)
        candidates = (row for row in itertools.count(first) if row not in left_out)
        numbers = list(itertools.islice(candidates, count))
        self._next_row = numbers[-1] + 1 if numbers else first
        return pa.array(numbers, pa.int64())


def _whole_characters(path: Path, encoding: str) -> Any:
    """Return what to read: the file, without the half of a character at the end of one cut off.

    The row it stood in is too short anyway, and is quarantined for that.
    """
    if not encoding.startswith("utf-8"):
        return path
    import pyarrow as pa

    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 4, 0))
        half = _half_character(file.read())
        if not half:
            return path
        file.seek(0)
        return pa.BufferReader(file.read(size - half))


def _half_character(tail: bytes) -> int:
    """Return how many bytes of an unfinished UTF-8 character stand at the end."""
    for length in (1, 2, 3):
        first = tail[-length] if length <= len(tail) else 0
        if first >= 0xC0:  # noqa: PLR2004  the first byte of a character of several
            needed = 2 if first < 0xE0 else 3 if first < 0xF0 else 4  # noqa: PLR2004
            return length if length < needed else 0
    return 0


def open_csv(path: Path, label: str) -> CsvFile:
    """Read a file's header and return the file, ready to be read.

    Raises InputError when the file is empty or its header is in no encoding that is understood.
    """
    headers, encodings = read_header(path, label)
    return CsvFile(path, label, headers, encodings)


def _in_groups(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(itertools.islice(items, size)):
        yield group


def _diagnosis(error: Exception) -> str:
    return _ENCODING if isinstance(error, UnicodeError) or "UTF8" in str(error) else _BROKEN


def _quotes(path: Path) -> int:
    count = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            count += block.count(b'"')
    return count


def _broken(label: str, message: str) -> InputError:
    return InputError(
        f"{label}: it cannot be read as CSV ({message}); export it again",
        f"{label}：无法按 CSV 读取（{message}）；请重新导出",
    )
