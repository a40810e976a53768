"""CSV files as streams of text columns, decoded strictly and with every row accounted for.

A file is read in the fastest way that loses nothing: first with all threads; when a row turns out
to be ragged, once more in one thread, where the reader can number the rows that it leaves out; when
a quote that is not closed has joined rows, once more without the line that opens it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from merchantwatch.errors import InputError
from merchantwatch.reading.arrow import Batch
from merchantwatch.reading.attempts import Attempt, Manner, TextFile
from merchantwatch.reading.cells import Wanted
from merchantwatch.reading.damage import Damage
from merchantwatch.reading.encodings import likely
from merchantwatch.reading.headers import Header, read_header, undecodable, vocabulary
from merchantwatch.reading.packed import Content
from merchantwatch.reading.prefetch import prefetch
from merchantwatch.reading.profile import UNDECIDED, Profile, Styles
from merchantwatch.reading.quotes import quotes_are_letters
from merchantwatch.reading.text import BadRow, TextSource

_LARGER, _LARGEST = 8, 512
"""Where a row is longer than a parsed block, the block grows by this factor, up to this size."""

_PREFETCHED_BATCHES = 8
"""How many batches are prefetched: some megabytes each."""


@dataclass
class CsvFile(TextSource):
    """A CSV file whose header is known: ``headers`` by position.

    ``home`` are the encodings, besides UTF-8, that exports of its format are written in. For Spark
    only: ``address`` is the place of a file that is not on this machine; ``unlisted`` counts bad
    rows beyond those that are fetched; rows that are not ``numbered`` are in order, but without
    the number that Excel shows.
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
    home: tuple[str, ...] = ()
    _larger: int = 1
    letters: list[int] = field(default_factory=list)
    styles: Styles = UNDECIDED
    profile: Profile | None = None
    address: str = ""
    unlisted: int = 0
    numbered: bool = True

    def read_into(self, wanted: Wanted, load: Callable[[Iterator[Batch]], None]) -> None:
        """Pass the batches of the wanted columns to ``load``, until one attempt succeeds."""
        self._larger = 1
        tried: list[str] = []
        quoted = self.is_quoted(wanted)
        for encoding in self._encodings():
            tried.append(encoding)
            manner: Manner | None = Manner.FAST
            while manner is not None:
                text = TextFile(self.content, self.header, encoding, self.zeroed, quoted)
                attempt = Attempt(text, wanted, manner, self._larger)
                self._try(attempt, load)
                if attempt.fault is None:
                    self.encoding, self.encoding_from = encoding, self.header.reason(encoding)
                    self.rows, self.letters = attempt.rows, attempt.letters
                    set_aside = [*self.header.above, *attempt.bad_rows]
                    self.bad_rows = sorted(set_aside, key=lambda bad: bad.row)
                    return
                manner = self._next(attempt)
        # After UTF-8, the second one tried is the likeliest by the text.
        raise undecodable(self.content, tried[1:2] or tried)

    def is_quoted(self, wanted: Wanted) -> bool:
        """Say whether quotes enclose cells; between TABs they may be ordinary characters."""
        # Where commas separate cells, a comma in a cell is only possible in quotes.
        if self.header.delimiter != "\t":
            return True
        return wanted.quoted and (
            bool(self.address) or not quotes_are_letters(self.content, self.header)
        )

    def _encodings(self) -> Iterator[str]:
        """Yield the encodings to try, ordered by the text where the header leaves a doubt."""
        # Ranking reads a part of the file, which most files, in UTF-8, do not need.
        first, *others = self.header.encodings
        yield first
        if others:
            yield from likely(self.content, others, self.home)

    def _try(self, attempt: Attempt, load: Callable[[Iterator[Batch]], None]) -> None:
        if attempt.wanted.profile:
            attempt.wanted.profile.begin()
        try:
            with attempt.listening():
                load(prefetch(attempt.batches(), _PREFETCHED_BATCHES))
        except Exception:
            # Of a known fault the next attempt is the remedy; any other error is raised.
            if attempt.fault is None:
                raise

    def _next(self, attempt: Attempt) -> Manner | None:
        """Return how to read after an attempt that failed; None: in another encoding.

        Raises InputError where no other way is left.
        """
        fault, manner = attempt.fault, attempt.manner
        if fault is Damage.ENCODING:
            return None
        if fault is Damage.CUT_IDS:
            # Read again in the same way, now knowing which ids to quarantine.
            self.zeroed |= attempt.ids.columns
            return manner
        if fault is Damage.RAGGED:
            return Manner.NUMBERED
        if fault is Damage.LONG and manner is Manner.REPAIRED and self._larger < _LARGEST:
            self._larger *= _LARGER
            return manner
        if manner is Manner.REPAIRED:
            raise _broken(self.label, attempt.message)
        return Manner.REPAIRED


def open_csv(
    path: Path | Content, label: str = "", words: Collection[str] | None = None
) -> CsvFile:
    """Read a file's header and return the file, ready to be read.

    ``words`` are the headers that are known. Raises InputError when the file is empty or its header
    is in no encoding that is understood.
    """
    content = path if isinstance(path, Content) else Content(path, label)
    header = read_header(content, vocabulary() if words is None else words)
    return CsvFile(content.label, header.cells, content, header, first_row=header.row + 1)


def _broken(label: str, message: str) -> InputError:
    return InputError(
        f"{label}: it cannot be read as CSV ({message}); export it again",
        f"{label}：无法按 CSV 读取（{message}）；请重新导出",
    )
