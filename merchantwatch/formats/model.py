"""A format: the description of one kind of export, as its TOML file states it."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from merchantwatch.fields import CASE_FIELDS, FIELDS, JOIN_FIELDS, WORDS
from merchantwatch.formats.words import canonical_words, known_words, plain
from merchantwatch.language.text import Text

FormatKind = Literal["orders", "parcels", "cases"]
"""What a row is: an order line, a parcel (or one of its orders), or an after-sales case."""

KeyField = Literal["buyer_key", "receiver_key"]

Confidence = Literal["official", "reprinted", "seen", "assumed"]
"""How sure headers and words are: ``seen`` means in public code that reads the real export."""

ANY = "any"
"""The platform of exports that join lines of any platform, such as parcels by their number."""

NEVER = "never"
"""In ``always``: the event has not happened in any row of such an export."""

_UNIX_SECONDS = "unix"

YUAN_PLATFORMS = (
    *("douyin", "tmall", "tmall-global", "taobao", "pdd", "jd", "kuaishou"),
    *("xiaohongshu", "wechat"),
)
"""Platforms whose amounts are all in yuan."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a cell: the text before or after the last ``at`` in it.

    ``named``: the value of the name ``at`` in a cell like ``name:cup|sku:C1|quantity:2``.
    """

    header: str
    take: Literal["before_last", "after_last", "named"]
    at: str


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns that hold the items of an order side by side: ``prefix`` and a number.

    Up to ``most`` items are looked for.
    """

    prefix: str
    most: int

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers of these columns, in their order."""
        return tuple(f"{self.prefix}{number}" for number in range(1, self.most + 1))


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to identify a buyer or a receiver: by a set of personal columns.

    ``of`` lists these columns, each with the headers that it may have. A row has the key if none of
    them is masked or empty; of several keys of a field the first that a row has counts. ``by`` says
    what identifies the person, such as a phone number; keys by different things are not compared.
    """

    field: KeyField
    by: Annotated[str, Meta(pattern="^[a-z]+$")]
    of: Annotated[list[Annotated[list[str], Meta(min_length=1)]], Meta(min_length=1)]


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word or flag field that certain words of another field imply."""

    field: str
    words_of: str
    words: dict[str, str]


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further column in which some words imply a value of a field; other words imply nothing.

    Of ``headers`` the first one present counts. Words are compared without case. ``once``: the
    export writes it only in the first row of an order, and it holds for all rows. A status from a
    hint counts only for a line that is still to ship.
    """

    field: Literal["fulfilment", "status"]
    headers: Annotated[list[str], Meta(min_length=1)]
    words: Annotated[dict[str, str], Meta(min_length=1)]
    once: bool = False


class Recognise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fingerprint: headers by which a file is recognised, in whatever order."""

    all: list[str] = []
    any: list[list[str]] = []
    none: list[str] = []

    def missing(self, headers: frozenset[str]) -> list[str]:
        """Return what ``headers`` lacks, alternatives joined by ``/``."""
        lacking = [name for name in self.all if name not in headers]
        return lacking + ["/".join(names) for names in self.any if not headers.intersection(names)]

    def foreign(self, headers: frozenset[str]) -> list[str]:
        """Return the headers that an export of this format never has."""
        return [name for name in self.none if name in headers]

    def fits(self, headers: frozenset[str]) -> bool:
        """Say whether a file with these headers is of this format."""
        return not self.missing(headers) and not self.foreign(headers)


class HeaderVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One observed header list: its number of columns, if that is fixed, and when it was observed.

    ``has`` are headers that no other version of the format has.
    """

    name: str
    when: str
    columns: int | None = None
    has: list[str] = []
    confidence: Confidence = "seen"


class FileTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The time of export in a file's name: ``shape`` is ``unix`` or a format of strptime."""

    pattern: str
    shape: str

    def read(self, name: str, tz: tzinfo) -> datetime | None:
        """Return the wall-clock time of the export, or None where the name has none."""
        match = re.search(self.pattern, name)
        if match is None:
            return None
        if self.shape == _UNIX_SECONDS:
            # Seconds since 1970 are of no zone: they become the platform's wall-clock time.
            return datetime.fromtimestamp(int(match[1]), tz).replace(tzinfo=None)
        try:
            # A name may have as many digits as a date, and be none.
            return datetime.strptime(match[1], self.shape)  # noqa: DTZ007  wall-clock time
        except ValueError:
            return None


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shipping deadline by the platform's rules, for exports that state no promise.

    ``sql`` is an expression over ``paid_at``, as in rules; ``meaning`` is the same in words.
    """

    sql: str
    meaning: Text


class Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of export.

    A file that fits one of ``recognise`` is of this format.

    Columns: ``columns`` names for each field the headers that may hold it; the first one present
    counts. ``hints`` are further columns that imply a line's fulfilment or status. ``keys`` are the
    personal columns from which keyed hashes are computed; no other is read. ``items`` are columns
    that hold the items of an order side by side; each becomes a line. ``always`` holds fields that
    are the same in every row, ``once`` those written only in the first row of an order,
    ``holds_for`` those valid only for lines of the given statuses.

    Words: ``observed`` ones have been found in such an export, ``assumed`` ones are expected; both
    mean what the dictionary says, and ``words`` translates those that mean something else here.
    ``empty`` lists cells that mean "nothing", ``nothing`` further ones in columns of times.
    ``no_lines`` are words that mark rows whose lines are in other rows. ``holds_no`` are events
    that no line of such an export has had: no share can be computed from such lines alone.

    Cells: ``several`` is the separator of several ids in one cell. ``encodings`` are those used
    besides UTF-8. In ``unquoted`` text a quote is an ordinary character. ``time_formats`` are the
    formats of times by field, ``zones`` the zones of times that differ from the rest.
    ``day_first`` decides ``11/05/2026 23:59:59`` if no cell of its column does: the day stands
    first, with AM or PM the month. ``decimal`` is the decimal sign of amounts, ``currency`` the
    currency of amounts that name none.

    Promises: without ``usual_promise`` none is computed where none is stated; ``promise`` says how
    to compute it if not as the usual time after payment.

    Files: ``file_time`` finds the time of export in a file's name, ``file_shop`` the letters of its
    shop. ``basis`` says what this description is based on, ``limits`` what the export cannot show.
    """

    code: str
    platform: str
    kind: FormatKind
    title: Text
    where: Text
    columns: dict[str, list[str | Part]]
    confidence: Confidence = "assumed"
    basis: Text | None = None
    limits: Text | None = None
    recognise: list[Recognise] = []
    versions: list[HeaderVersion] = []
    words: dict[str, dict[str, str]] = {}
    usual_promise: bool = True
    promise: Promise | None = None
    no_lines: dict[str, list[str]] = {}
    zones: dict[str, str] = {}
    observed: dict[str, list[str]] = {}
    assumed: dict[str, list[str]] = {}
    derived: list[Derived] = []
    always: dict[str, str] = {}
    once: list[str] = []
    holds_for: dict[str, list[str]] = {}
    hints: list[Hint] = []
    keys: list[Key] = []
    empty: list[str] = []
    holds_no: list[str] = []
    several: str = ""
    items: Items | None = None
    day_first: bool = False
    unquoted: bool = False
    encodings: list[str] = []
    time_formats: dict[str, str] = {}
    decimal: Literal["", ".", ","] = ""
    nothing: list[str] = []
    currency: str = ""
    file_time: FileTime | None = None
    file_shop: str = ""

    @property
    def home_currency(self) -> str:
        """The currency of amounts that name none; "" where it is unknown."""
        # A mapped file may be in any currency, whichever platform's rules judge it.
        return self.currency or (
            "CNY" if self.platform in YUAN_PLATFORMS and self.code != "mapped" else ""
        )

    @property
    def homes(self) -> dict[str, Literal["dmy", "mdy"]]:
        """Which of day and month is taken to stand first if no cell of a column shows it."""
        return {"slashes": "dmy", "halves": "mdy"} if self.day_first else {}

    def version_of(self, headers: Sequence[str]) -> HeaderVersion | None:
        """Return the header version of a file with these folded headers; None if it is unclear.

        It is the one with this number of columns, else the one whose distinctive headers the file
        has, else the only one that may have any number of columns.
        """
        found = [version for version in self.versions if version.columns == len(headers)]
        if not found:
            # A column added by hand changes the number of columns, but not distinctive headers.
            present = set(headers)
            found = [v for v in self.versions if v.has and present.issuperset(v.has)]
        if not found:
            found = [v for v in self.versions if v.columns is None and not v.has]
        return found[0] if len(found) == 1 else None

    def __post_init__(self) -> None:
        """Refuse fields and words that do not exist: a typing error would stay unnoticed."""
        derived = {item.field: item.words for item in self.derived}
        for field in (
            *self.columns,
            *self.words,
            *derived,
            *self.always,
            *self.once,
            *self.holds_for,
            *self.no_lines,
            *self.zones,
            *self.holds_no,
        ):
            # Lines of an ERP name their platform; cases and parcels have that of their line.
            is_platform = field == "platform" and self.kind == "orders"
            if field not in FIELDS or not (FIELDS[field].exported or is_platform):
                raise ValueError(f"{self.code}: {field!r} is no field that an export can fill")
            if self.kind == "cases" and field not in (*CASE_FIELDS, *JOIN_FIELDS):
                raise ValueError(f"{self.code}: {field!r} is no field of a case")
        for field, words in (*self.words.items(), *derived.items()):
            self._check(field, words.values(), canonical_words(field))
        for field, word in self.always.items():
            self._check(field, [word], (NEVER,) if FIELDS[field].event else canonical_words(field))
        for statuses in self.holds_for.values():
            self._check("status", statuses, WORDS["status"])
        for hint in self.hints:
            self._check(hint.field, hint.words.values(), WORDS[hint.field])
        for field, raw in (*self.observed.items(), *self.assumed.items()):
            self._check(field, map(plain, raw), known_words(field, self.words.get(field, {})))

    def _check(self, field: str, words: Iterable[str], known: Collection[str]) -> None:
        unknown = sorted(set(words) - set(known))
        if unknown:
            raise ValueError(f"{self.code}: {unknown} are no words of {field}")
