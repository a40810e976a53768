"""The header of a text file, its delimiter, and the encodings it may be in.

Many encodings can decode the same bytes. The words of the header decide: it is decoded in each, and
the words that a format (or the user's mapping) knows are counted. Whether the file is really in
that encoding is decided by decoding all that is read, strictly, never by a sample.
"""

import codecs
import csv
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.errors import InputError
from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import Format, Part, fold, formats, known_headers
from merchantwatch.reading import no_records
from merchantwatch.reading.amounts import names_currencies
from merchantwatch.reading.encodings import likely
from merchantwatch.reading.heading import HEADER_WITHIN, SURE, header_among, known_in
from merchantwatch.reading.packed import Content
from merchantwatch.reading.text import BadRow
from merchantwatch.reading.top import Record, fitted, stated, top_of

DELIMITERS = ",\t;|"
"""Possible delimiters, the most common first."""

_HEADER_BYTES = 1 << 20
_FIRST_SIGNS = 256
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENCODINGS = ("utf-8", "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1252", "cp1251")
"""The encodings to try: UTF-8 first, the others ranked by the words of the header and the text."""

_SEPARATORS = (b",", b"\t", b"\n")

BY_BOM, BY_DECODING = "byte order mark", "strict decoding"
BY_HEADER, BY_TEXT = "header words", "likeliest text"
"""How an encoding was determined."""


class Header(Struct, frozen=True):
    """A file's header, and the encodings in which it reads the same: UTF-8 first, if it is one.

    It is row ``row`` as Excel counts, and ends with line ``lines`` of the file. The rows ``above``
    it are no records. Rows have ``width`` cells: those beyond the header's are empty.
    """

    cells: tuple[str, ...]
    delimiter: str
    encodings: tuple[str, ...]
    marked: bool = False
    by_words: bool = False
    row: int = 1
    lines: int = 1
    width: int = 0
    above: tuple[BadRow, ...] = ()

    def reason(self, encoding: str) -> str:
        """Return how this encoding, which decodes the file strictly, was determined."""
        if self.marked:
            return BY_BOM
        if encoding == "utf-8":
            return BY_DECODING
        return BY_HEADER if self.by_words else BY_TEXT


@cache
def vocabulary() -> frozenset[str]:
    """Return all headers that some format reads or is recognised by, folded."""
    fingerprints = {
        name
        for form in formats()
        for one in form.recognise
        for name in (*one.all, *(name for names in one.any for name in names))
    }
    return frozenset(fingerprints.union(*(known_headers(form) for form in formats())))


class Words(NamedTuple):
    """Headers that are known, and those of personal columns that may be read.

    ``others`` says which unknown headers to read besides. ``counted`` are those of amounts and
    quantities.
    """

    known: frozenset[str]
    personal: frozenset[str]
    others: Callable[[str], bool]
    counted: frozenset[str]

    def adds_up(self, header: str) -> bool:
        """Say whether the cells of a column are amounts or quantities."""
        return fold(header) in self.counted

    def wants(self, header: str) -> bool:
        """Say whether a column may be read."""
        folded = fold(header)
        known = folded in self.known or folded in self.personal or names_currencies(folded)
        return known or self.others(folded)


def no_unknown_column(_header: str) -> bool:
    """Want no unknown column."""
    return False


def words_of(mapping: Format | None, keys: Collection[str], others: Callable[[str], bool]) -> Words:
    """Return the built-in vocabulary and the headers that a mapping names.

    Personal columns are those hashed for the fields ``keys``.
    """
    mapped = known_headers(mapping) if mapping else frozenset()
    forms = [*formats(), *([mapping] if mapping else [])]
    wanted_keys = (key for form in forms for key in form.keys if key.field in keys)
    personal = {header for key in wanted_keys for headers in key.of for header in headers}
    return Words(vocabulary() | mapped, frozenset(personal), others, _counted(forms))


def _counted(forms: Iterable[Format]) -> frozenset[str]:
    """Return the headers under which formats have amounts and quantities."""
    return frozenset(
        spec.header if isinstance(spec, Part) else spec
        for form in forms
        for name, specs in form.columns.items()
        if FIELDS[name].kind in (Kind.MONEY, Kind.NUMBER)
        for spec in specs
    )


def header_in(head: bytes) -> Header | None:
    """Return the header that the bytes of an UTF-8 text begin with, or None where they are not."""
    found = _readings(head, ("utf-8-sig",), vocabulary()).get("utf-8-sig")
    return found.header(("utf-8",)) if found else None


def read_header(content: Content, words: Collection[str]) -> Header:
    """Read the header of a text file.

    Raises InputError when the file is empty or no known encoding decodes its header.
    """
    head = content.head(_HEADER_BYTES)
    if not head.strip():
        raise _empty(content)
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            marked = _readings(head, (encoding,), words).get(encoding)
            if marked is None:
                raise _unread(content, head, (encoding,))
            return replace(marked.header((encoding,)), marked=True)
    # UTF-16 is not tried: nearly all bytes decode as some of its characters.
    tried = _wide(head[:_FIRST_SIGNS]) or _ENCODINGS
    readings = _readings(head, tried, words)
    best = max((reading.known for reading in readings.values()), default=0)
    best_encodings = [name for name, reading in readings.items() if reading.known == best]
    by_words = len(best_encodings) == 1 and best > 0
    if len(best_encodings) > 1 and best_encodings[0] != "utf-8":
        best_encodings = [*likely(content, best_encodings)]
    if not best_encodings:
        raise _unread(content, head, tried)
    chosen = readings[best_encodings[0]]
    # All encodings in which the header is the same stay open: cells further down will decide.
    same = tuple(name for name, reading in readings.items() if reading == chosen)
    return replace(chosen.header(same), by_words=by_words)


def _unread(content: Content, head: bytes, encodings: Sequence[str]) -> InputError:
    """Return the error of a file without a header: it is not text, or its first rows are empty."""
    faulty = _is_faulty(head, encodings)
    return undecodable(content, encodings[:1]) if faulty else _empty(content)


def _is_faulty(head: bytes, encodings: Sequence[str]) -> bool:
    """Say whether the head of a file is text in none of the encodings."""
    for encoding in encodings:
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return False
    return True


def _empty(content: Content) -> InputError:
    return InputError(
        f"{content.label}: the file is empty; export it again",
        f"{content.label}：文件是空的，请重新导出",
    )


def _wide(head: bytes) -> tuple[str, ...]:
    """Return the UTF-16 that NULs next to all delimiters and line ends show, if they do."""
    # Fewer NULs than delimiters are damage, not an encoding.
    first, second = head[::2].count(0), head[1::2].count(0)
    nuls, separators = first + second, sum(map(head.count, _SEPARATORS))
    if nuls < max(separators, 2) or first == second:
        return ()
    return ("utf-16-be",) if first > second else ("utf-16-le",)


class _Reading(Struct, frozen=True):
    known: int
    cells: tuple[str, ...]
    delimiter: str
    row: int
    lines: int
    width: int
    above: tuple[BadRow, ...]

    def header(self, encodings: tuple[str, ...]) -> Header:
        """Return the header in the encodings in which it reads so."""
        return Header(
            self.cells,
            self.delimiter,
            encodings,
            row=self.row,
            lines=self.lines,
            width=self.width,
            above=self.above,
        )


def _readings(head: bytes, encodings: Sequence[str], words: Collection[str]) -> dict[str, _Reading]:
    """Return the header as each encoding that decodes it reads it.

    It is nearly always the first record; the next ones are tried only if its words are unknown.
    """
    first = {name: one for name in encodings if (one := _reading(head, name, words, 1))}
    if max((one.known for one in first.values()), default=0) >= SURE:
        return first
    found = {n: one for n in encodings if (one := _reading(head, n, words, HEADER_WITHIN))}
    return found or first


def _reading(head: bytes, encoding: str, words: Collection[str], within: int) -> _Reading | None:
    """Return the header as an encoding reads it, split by the delimiter that fits best."""
    found = []
    sign = stated(head, encoding)
    for delimiter in sign or DELIMITERS:
        try:
            top = top_of(head, encoding, delimiter, within + 1)
        except (UnicodeDecodeError, csv.Error):
            continue
        one = _headed(top[bool(sign) :], within, delimiter, words)
        if one is not None:
            found.append(one)
    return max(found, key=lambda one: (one.known, len(one.cells)), default=None)


def _headed(
    top: Sequence[Record], within: int, delimiter: str, words: Collection[str]
) -> _Reading | None:
    """Return the header among the first records; None where they are blank."""
    place = header_among([record.cells for record in top[:within]], words)
    if place is None:
        return None
    cells, lines = top[place]
    cells, width = fitted(cells, top[place + 1].cells if place + 1 < len(top) else ())
    above = no_records.above((row, r.cells) for row, r in enumerate(top[:place], start=1))
    known = known_in(cells, words)
    return _Reading(known, cells, delimiter, place + 1, lines, width, tuple(above))


def undecodable(content: Content, encodings: Sequence[str]) -> InputError:
    """Return the error that says at which byte and line a file stops being text."""
    at, line = _first_fault(content, encodings[0].removesuffix("-sig"))
    names = " / ".join(name.upper().removesuffix("-SIG") for name in encodings)
    return InputError(
        f"{content.label}: byte {at:,} (line {line:,}) is no {names} text; "
        "export the file again, or save it as 'CSV UTF-8' in Excel",
        f"{content.label}：第 {at:,} 字节（第 {line:,} 行）不是 {names} 文本；"
        "请重新导出，或在 Excel 中另存为“CSV UTF-8”",
    )


def _first_fault(content: Content, encoding: str) -> tuple[int, int]:
    """Return the byte, and its line, at which a file cannot be decoded; 0 where all can."""
    decoder = codecs.getincrementaldecoder(encoding)()
    at, line = 0, 1
    with content.open() as stream:
        while block := stream.read(1 << 20):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                start = error.start - (len(error.object) - len(block))
                return at + start, line + block.count(b"\n", 0, max(start, 0))
            at, line = at + len(block), line + block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return at - len(error.object), line
    return 0, 1
