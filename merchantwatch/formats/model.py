"""A format: the description of one kind of export, as its TOML file states it."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from merchantwatch.fields import CASE_FIELDS, FIELDS, JOIN_FIELDS, WORDS
from merchantwatch.formats.words import known_words, plain, words_able
from merchantwatch.language.text import Text

FormatKind = Literal["orders", "parcels", "cases"]
"""What a row is: an order line, a parcel (or one of its orders), or an after-sales case."""

KeyField = Literal["buyer_key", "receiver_key"]

Confidence = Literal["official", "reprinted", "seen", "assumed"]
"""How sure headers and words are: ``seen`` means in public code that reads the real export."""

ANY = "any"
"""The platform of what is joined onto lines of whatever platform, by a parcel's number, say."""

NEVER = "never"
"""In ``always``: the event has not happened in any row of such an export."""

_UNIX_SECONDS = "unix"

YUAN_PLATFORMS = (
    *("douyin", "tmall", "tmall-global", "taobao", "pdd", "jd", "kuaishou"),
    *("xiaohongshu", "wechat"),
)
"""Platforms on which all is paid in yuan."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a cell: what stands before or after the last ``at`` in it.

    ``named``: what ``at`` is in a cell like ``name:cup|sku:C1|quantity:2``.
    """

    header: str
    take: Literal["before_last", "after_last", "named"]
    at: str


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The columns in which the items of an order stand side by side: ``prefix`` and a number.

    The headers of the first item give those of the others; up to ``most`` items are looked for.
    """

    prefix: str
    most: int

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers of these columns, in their order."""
        return tuple(f"{self.prefix}{number}" for number in range(1, self.most + 1))


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to identify a buyer or a receiver: by personal columns that together do.

    ``of`` lists them, each with the headers that it may have; a row has the key where none of them
    is masked or empty. Of the keys of a field the first that a row has counts. Keys ``by``
    different things are never compared.
    """

    field: KeyField
    by: Annotated[str, Meta(pattern="^[a-z]+$")]
    of: Annotated[list[Annotated[list[str], Meta(min_length=1)]], Meta(min_length=1)]


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word or flag field that some words of another field also imply."""

    field: str
    words_of: str
    words: dict[str, str]


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further column of which some words imply a value of a field; other words imply nothing.

    ``headers`` are those that it may have, the first present one counts. Capitals are small
    letters here. ``once``: it stands only in the first row of an order, and holds for all. A
    status from a hint counts only for a line that is still to ship.
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
    """One observed header list: its number of columns, where that is fixed, and when.

    ``has`` are headers that no other version of the format has.
    """

    name: str
    when: str
    columns: int | None = None
    has: list[str] = []
    confidence: Confidence = "seen"


class FileTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a file's name holds the time of its export: ``shape`` is ``unix`` or of strptime."""

    pattern: str
    shape: str

    def read(self, name: str, tz: tzinfo) -> datetime | None:
        """Return the wall-clock time of the export, or None where the name has none."""
        match = re.search(self.pattern, name)
        if match is None:
            return None
        if self.shape == _UNIX_SECONDS:
            return datetime.fromtimestamp(int(match[1]), tz).replace(tzinfo=None)
        try:
            return datetime.strptime(match[1], self.shape)  # noqa: DTZ007  wall-clock time
        except ValueError:
            return None


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a platform wants an order shipped of which the export states no promise.

    ``sql`` is an expression as in rules, of ``paid_at``; ``said`` is the same in words.
    """

    sql: str
    said: Text


class Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of export.

    A file that fits one of ``recognise`` is of this format. ``columns`` names for each field the
    headers that may hold it, the first present one counts. The words that were ``observed`` in such
    an export, and those ``assumed`` to stand in it, mean what the dictionary says, as all others of
    it do; ``words`` translates those that mean something else here. ``always``
    holds fields that are the same in every row, ``once`` those that stand only in the first row of
    an order, ``holds_for`` those that hold only for lines of these statuses. ``hints`` are further
    columns that say how a line is fulfilled, or its status. ``keys`` are the personal columns
    of which keyed hashes are made; no other is read. ``empty`` lists the cells that mean "nothing
    here". ``holds_no`` are events that no line of such an export has had: from such lines alone no
    share can be computed. ``several`` is the sign that joins several ids in one cell,
    ``items`` columns where the items of an order stand side by side, each a line. ``encodings`` are
    those that such exports are written in, beside UTF-8. In an ``unquoted`` text a quote is a
    letter. ``no_lines`` are words that mark rows whose lines are in other rows, ``zones`` the zones
    of times in another zone than the rest. Without ``usual_promise`` no promise is computed where
    none is stated; ``promise`` says how, where it is not the usual time after the payment.
    ``day_first`` says how to read ``11/05/2026 23:59:59`` where no cell of its column shows it: the
    day first, with AM or PM the month. ``time_formats`` says how the moments of a field are
    written, ``decimal`` is the decimal sign of amounts, ``nothing`` further words for no moment,
    ``currency`` the currency of amounts that name none. ``file_time`` finds the moment of the
    export in a file's name, ``file_shop`` the letters of its shop. ``basis`` says what all this
    rests on, ``limits`` what the export cannot show.
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
        return self.currency or (
            "CNY" if self.platform in YUAN_PLATFORMS and self.code != "mapped" else ""
        )

    @property
    def homes(self) -> dict[str, Literal["dmy", "mdy"]]:
        """Which of day and month stands first where no cell of a column shows it."""
        return {"slashes": "dmy", "halves": "mdy"} if self.day_first else {}

    def version_of(self, headers: Sequence[str]) -> HeaderVersion | None:
        """Return the version that a file's folded headers are of; None where it is unclear.

        It is the one with this number of columns, else the one whose distinctive headers the file
        has, else the only one that may have any number of columns.
        """
        certain = [one for one in self.versions if one.columns == len(headers)] or [
            one for one in self.versions if one.has and set(one.has) <= set(headers)
        ]
        free = [one for one in self.versions if one.columns is None and not one.has]
        found = certain or free
        return found[0] if len(found) == 1 else None

    def __post_init__(self) -> None:
        """Refuse fields and words that do not exist."""
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
            is_platform = field == "platform" and self.kind == "orders"
            if field not in FIELDS or not (FIELDS[field].exported or is_platform):
                raise ValueError(f"{self.code}: {field!r} is no field that an export can fill")
            if self.kind == "cases" and field not in (*CASE_FIELDS, *JOIN_FIELDS):
                raise ValueError(f"{self.code}: {field!r} is no field of a case")
        for field, words in (*self.words.items(), *derived.items()):
            self._check(field, words.values(), words_able(field))
        for field, word in self.always.items():
            self._check(field, [word], (NEVER,) if FIELDS[field].event else words_able(field))
        for statuses in self.holds_for.values():
            self._check("status", statuses, WORDS["status"])
        for hint in self.hints:
            self._check(hint.field, hint.words.values(), WORDS[hint.field])
        for field, raw in (*self.observed.items(), *self.assumed.items()):
            self._check(field, map(plain, raw), known_words(field, self.words.get(field, {})))

    def _check(self, field: str, words: Iterable[str], able: Collection[str]) -> None:
        unknown = sorted(set(words) - set(able))
        if unknown:
            raise ValueError(f"{self.code}: {unknown} are no words of {field}")
