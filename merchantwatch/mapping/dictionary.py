"""Names of fields, status words and personal columns, beyond those of the formats."""

from collections.abc import Iterator
from functools import cache, cached_property
from importlib import resources

import msgspec

from merchantwatch.fields import CASE_FIELDS, FIELDS, WORDS, Kind
from merchantwatch.formats import dictionary as dictionary_of_words, formats
from merchantwatch.mapping.spelling import folded, split


class Ambiguous(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names and words with one meaning in a format, and another or none elsewhere."""

    names: list[str]
    words: list[str]


class Noise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of a name that do not distinguish fields of one kind, by kind: ``time``, ``no``."""

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
    """Words, and parts of Chinese names, that give a name another meaning than a field's."""

    words: list[str]
    parts: list[str]


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that make a name that of a promise to ship: of time, of sending, and others."""

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
    """Words that make a header that of a column about people."""

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
    def simplifying(self) -> dict[int, str]:
        """Return what ``str.translate`` writes for each traditional character."""
        pairs = self.characters.pairs
        return {ord(old): new for old, new in zip(pairs[::2], pairs[1::2], strict=True)}


@cache
def dictionary() -> Dictionary:
    """Return the dictionary."""
    file = resources.files("merchantwatch.mapping").joinpath("dictionary.toml")
    return msgspec.toml.decode(file.read_bytes(), type=Dictionary)


@cache
def names() -> dict[str, tuple[str, ...]]:
    """Return the names of each field, those that the dictionary lists first."""
    # A header of some format may be ambiguous in any other file, or mean another field there.
    listed = dictionary()
    meant: dict[str, str] = {}
    for field, some in listed.names.items():
        meant.update((folded(name), field) for name in some)
    several = (
        *listed.ambiguous.names,
        *(name for some in listed.sometimes.values() for name in some),
    )
    ambiguous = {folded(name) for name in several}
    found = {field: list(listed.names.get(field, ())) for field in FIELDS if FIELDS[field].exported}
    for form in formats():
        for field, specs in form.columns.items():
            if FIELDS[field].kind is Kind.FLAG or field not in found:
                continue
            plain = (spec for spec in specs if isinstance(spec, str))
            found[field] += [
                name
                for name in plain
                if folded(name) not in ambiguous and meant.get(folded(name), field) == field
            ]
    return {field: tuple(dict.fromkeys([*some, field])) for field, some in found.items()}


@cache
def names_of_cases() -> dict[str, tuple[str, ...]]:
    """Return the names of a case's fields: those in tables of cases first, then the general."""
    listed, general = dictionary().of_cases, names()
    return {
        field: tuple(dict.fromkeys([*listed.get(field, ()), *general[field]]))
        for field in CASE_FIELDS
    }


@cache
def words(field: str) -> dict[str, str]:
    """Return the meaning of each word of a word field that is the same everywhere."""
    listed = dictionary()
    known = {word: word for word in WORDS[field]}
    everywhere = dictionary_of_words().get(field)
    for word, canonical in (everywhere.words if everywhere else {}).items():
        known.setdefault(folded(word), canonical)
    for word, canonical in _words_of_formats(field):
        known.setdefault(folded(word), canonical)
    known = {folded(word): canonical for word, canonical in known.items()}
    for canonical, some in listed.words.get(field, {}).items():
        known.update({folded(word): canonical for word in some})
    for word in listed.ambiguous.words:
        known.pop(folded(word), None)
    return known


def _words_of_formats(field: str) -> Iterator[tuple[str, str]]:
    meanings: dict[str, set[str]] = {}
    for form in formats():
        for word, canonical in form.words.get(field, {}).items():
            meanings.setdefault(word, set()).add(canonical)
    # Formats may disagree on a word: then it says nothing in an unknown file.
    for word, canonicals in meanings.items():
        if len(canonicals) == 1:
            yield word, min(canonicals)


def is_personal(header: str) -> bool:
    """Say whether a header is that of a column about people."""
    signs, folded_header, parts = dictionary().personal, folded(header), set(split(header))
    if folded_header.endswith(tuple(signs.ends)):
        return True
    # A time or an amount is no personal data, even if its header names the buyer.
    if any(part in folded_header for part in signs.fact_parts) or parts & set(signs.fact_words):
        return False
    if "name" in parts and not parts & set(signs.named_things):
        return True
    return any(part in folded_header for part in signs.parts) or bool(parts & set(signs.words))
