"""Names of fields, status words and personal columns, beyond those of the formats."""

from collections.abc import Iterator
from functools import cache, cached_property
from importlib import resources

import msgspec

from merchantwatch.fields import CASE_FIELDS, FIELDS, WORDS, Kind
from merchantwatch.formats import dictionary as dictionary_of_words, formats
from merchantwatch.mapping.spelling import folded, split


class Ambiguous(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names and words that mean one thing in some format, and another or nothing elsewhere."""

    names: list[str]
    words: list[str]


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that do not distinguish the names of one kind of field, by kind: ``time``, ``no``."""

    time: list[str]
    id: list[str]
    money: list[str]
    number: list[str]
    text: list[str]
    word: list[str]
    flag: list[str]
    containers: list[str]
    platforms: list[str]


class OtherThings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words, and parts of Chinese names, that show that a name means no field at all."""

    words: list[str]
    parts: list[str]


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that show that a name is a promise: a deadline (firm) or a plan, and of what.

    The fields ``…_parts`` are parts of Chinese names, in which words are not separated.
    """

    firm: list[str]
    planned: list[str]
    sending: list[str]
    delivering: list[str]
    other: list[str]
    firm_parts: list[str]
    planned_parts: list[str]
    sending_parts: list[str]
    delivering_parts: list[str]
    other_parts: list[str]


class Characters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Traditional characters, each followed by the simplified one."""

    pairs: str


class Personal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that show that a column is about people, and words that show that it is not."""

    parts: list[str]
    ends: list[str]
    words: list[str]
    named_things: list[str]
    fact_parts: list[str]
    fact_words: list[str]


class Dictionary(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The file ``dictionary.toml``."""

    names: dict[str, list[str]]
    sometimes: dict[str, list[str]]
    of_cases: dict[str, list[str]]
    ambiguous: Ambiguous
    noise: Noise
    other_things: OtherThings
    promise: Promise
    platforms: dict[str, list[str]]
    characters: Characters
    words: dict[str, dict[str, list[str]]]
    personal: Personal

    def __post_init__(self) -> None:
        """Refuse fields and words that do not exist."""
        for field in (*self.names, *self.sometimes, *self.of_cases):
            if field not in FIELDS or not FIELDS[field].exported:
                raise ValueError(f"{field!r} is no field that an export can fill")
        for field, table in self.words.items():
            unknown = sorted(set(table) - set(WORDS[field]))
            if unknown:
                raise ValueError(f"{unknown} are no words of {field}")

    @cached_property
    def simplified_characters(self) -> dict[int, str]:
        """The table for ``str.translate`` from traditional to simplified characters."""
        pairs = self.characters.pairs
        return {ord(old): new for old, new in zip(pairs[::2], pairs[1::2], strict=True)}


@cache
def dictionary() -> Dictionary:
    """Return the dictionary."""
    file = resources.files("merchantwatch.mapping").joinpath("dictionary.toml")
    return msgspec.toml.decode(file.read_bytes(), type=Dictionary)


@cache
def names() -> dict[str, tuple[str, ...]]:
    """Return the names of each field: those of the dictionary first, then headers of formats."""
    listed = dictionary()
    found = {field: list(listed.names.get(field, ())) for field in FIELDS if FIELDS[field].exported}
    for form in formats():
        for field, specs in form.columns.items():
            # Headers of flags are words like 是否…, which say too little outside their format.
            if FIELDS[field].kind is Kind.FLAG or field not in found:
                continue
            headers = (spec for spec in specs if isinstance(spec, str))
            found[field] += [header for header in headers if _means_only(field, header)]
    return {field: tuple(dict.fromkeys([*named, field])) for field, named in found.items()}


def _means_only(field: str, header: str) -> bool:
    """Say whether a header that means a field in one format means it in any other file, too."""
    return folded(header) not in _ambiguous_names() and (
        _field_of_name().get(folded(header), field) == field
    )


@cache
def _ambiguous_names() -> frozenset[str]:
    """Return the folded names that mean a field only sometimes."""
    listed = dictionary()
    sometimes = (name for named in listed.sometimes.values() for name in named)
    return frozenset(map(folded, (*listed.ambiguous.names, *sometimes)))


@cache
def _field_of_name() -> dict[str, str]:
    """Return the field of each name that the dictionary lists, folded."""
    return {folded(name): field for field, named in dictionary().names.items() for name in named}


@cache
def names_of_cases() -> dict[str, tuple[str, ...]]:
    """Return the names of a case's fields: those used in tables of cases first, then all others."""
    listed, general = dictionary().of_cases, names()
    return {
        field: tuple(dict.fromkeys([*listed.get(field, ()), *general[field]]))
        for field in CASE_FIELDS
    }


@cache
def words(field: str) -> dict[str, str]:
    """Return the words of a word field that mean the same in every file, folded: word → meaning."""
    listed = dictionary()
    known = {word: word for word in WORDS[field]}
    everywhere = dictionary_of_words().get(field)
    for word, canonical in (everywhere.words if everywhere else {}).items():
        known.setdefault(folded(word), canonical)
    for word, canonical in _words_of_formats(field):
        known.setdefault(folded(word), canonical)
    known = {folded(word): canonical for word, canonical in known.items()}
    for canonical, synonyms in listed.words.get(field, {}).items():
        known.update({folded(word): canonical for word in synonyms})
    # Last, so that no table above brings an ambiguous word back.
    for word in listed.ambiguous.words:
        known.pop(folded(word), None)
    return known


def _words_of_formats(field: str) -> Iterator[tuple[str, str]]:
    """Yield the words of formats on whose meaning these agree: others say nothing elsewhere."""
    meanings: dict[str, set[str]] = {}
    for form in formats():
        for word, canonical in form.words.get(field, {}).items():
            meanings.setdefault(word, set()).add(canonical)
    for word, canonicals in meanings.items():
        if len(canonicals) == 1:
            yield word, min(canonicals)


def is_personal(header: str) -> bool:
    """Say whether a column is about people, by its header."""
    signs, folded_header, parts = dictionary().personal, folded(header), set(split(header))
    if folded_header.endswith(tuple(signs.ends)):
        return True
    # A time or an amount is no personal data, even if its header names the buyer.
    if any(part in folded_header for part in signs.fact_parts) or parts & set(signs.fact_words):
        return False
    if "name" in parts and not parts & set(signs.named_things):
        return True
    return any(part in folded_header for part in signs.parts) or bool(parts & set(signs.words))
