"""A format: the description of one kind of export, as its TOML file states it."""

from typing import Literal

import msgspec

from merchantwatch.fields import FIELDS, WORDS
from merchantwatch.texts import Text


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a cell: what stands before or after the last ``at`` in it."""

    header: str
    take: Literal["before_last", "after_last"]
    at: str


class Derived(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word field that some of another field's words also tell."""

    field: str
    words_of: str
    words: dict[str, str]


class Recognise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The headers by which a file is recognised, wherever they stand in it."""

    all: list[str]
    any: list[list[str]] = []
    none: list[str] = []

    def missing(self, headers: frozenset[str]) -> list[str]:
        """Return what ``headers`` lacks, alternatives joined by ``/``."""
        lacking = [name for name in self.all if name not in headers]
        return lacking + ["/".join(names) for names in self.any if not headers.intersection(names)]

    def fits(self, headers: frozenset[str]) -> bool:
        """Say whether a file with these headers is of this format."""
        return not self.missing(headers) and not headers.intersection(self.none)


class Format(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of export.

    ``columns`` names for each field the headers that may hold it, the first present one counts.
    ``words`` translates a platform's words into the canonical ones. ``empty`` lists the cells
    that mean "nothing here". ``several`` is the sign that joins several ids in one cell.
    """

    code: str
    platform: str
    kind: Literal["orders", "parcels"]
    title: Text
    where: Text
    columns: dict[str, list[str | Part]]
    recognise: Recognise | None = None
    words: dict[str, dict[str, str]] = {}
    derived: list[Derived] = []
    empty: list[str] = []
    several: str = ""
    file_time: str = ""

    def __post_init__(self) -> None:
        """Refuse fields and words that do not exist."""
        derived = {item.field: item.words for item in self.derived}
        for field in (*self.columns, *self.words, *derived):
            if field not in FIELDS or not FIELDS[field].exported:
                raise ValueError(f"{self.code}: {field!r} is no field that an export can fill")
        for field, words in (*self.words.items(), *derived.items()):
            unknown = set(words.values()) - set(WORDS.get(field, ()))
            if unknown:
                raise ValueError(f"{self.code}: {sorted(unknown)} are no words of {field}")
