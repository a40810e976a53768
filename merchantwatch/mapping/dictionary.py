"""What fields, status words and columns about people are called, beyond what the formats say."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources

import msgspec

from merchantwatch.fields import FIELDS, WORDS, Kind
from merchantwatch.formats import dictionary as dictionary_of_words, formats


class Unlike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names and words of formats that mean something else, or nothing sure, elsewhere."""

    names: list[str]
    words: list[str]


class Personal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By what the header of a column about people is known."""

    parts: list[str]
    ends: list[str]
    words: list[str]
    named_things: list[str]
    fact_parts: list[str]
    fact_words: list[str]


class Dictionary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``dictionary.toml``."""

    names: dict[str, list[str]]
    unlike: Unlike
    words: dict[str, dict[str, list[str]]]
    personal: Personal

    def __post_init__(self) -> None:
        """Refuse fields and words that do not exist."""
        for field in self.names:
            if field not in FIELDS or not FIELDS[field].exported:
                raise ValueError(f"{field!r} is no field that an export can fill")
        for field, table in self.words.items():
            unknown = sorted(set(table) - set(WORDS[field]))
            if unknown:
                raise ValueError(f"{unknown} are no words of {field}")


@cache
def dictionary() -> Dictionary:
    """Return the dictionary."""
    file = resources.files("merchantwatch.mapping").joinpath("dictionary.toml")
    return msgspec.toml.decode(file.read_bytes(), type=Dictionary)


def folded(name: str) -> str:
    """Return a name as it is compared: NFKC, small, letters and digits only."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in text if sign.isalnum())


def split(name: str) -> tuple[str, ...]:
    """Return the words of a name, small: ``orderPaid_at`` is ``order paid at``."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


@cache
def names() -> dict[str, tuple[str, ...]]:
    """Return what each field is called, the dictionary's own names first."""
    own = dictionary()
    taken = {folded(name) for some in own.names.values() for name in some}
    unlike = taken | {folded(name) for name in own.unlike.names}
    found = {field: list(own.names.get(field, ())) for field in FIELDS if FIELDS[field].exported}
    for form in formats():
        for field, specs in form.columns.items():
            if FIELDS[field].kind is Kind.FLAG:
                continue
            plain = (spec for spec in specs if isinstance(spec, str))
            found[field] += [name for name in plain if folded(name) not in unlike]
    return {field: tuple(dict.fromkeys([*some, field])) for field, some in found.items()}


@cache
def words(field: str) -> dict[str, str]:
    """Return what words of a word field mean, as far as they mean one thing everywhere."""
    own = dictionary()
    known = {word: word for word in WORDS[field]}
    everywhere = dictionary_of_words().get(field)
    for word, canonical in (everywhere.words if everywhere else {}).items():
        known.setdefault(folded(word), canonical)
    for word, canonical in _words_of_formats(field):
        known.setdefault(folded(word), canonical)
    known = {folded(word): canonical for word, canonical in known.items()}
    for canonical, some in own.words.get(field, {}).items():
        known.update({folded(word): canonical for word in some})
    for word in own.unlike.words:
        known.pop(folded(word), None)
    return known


def _words_of_formats(field: str) -> Iterator[tuple[str, str]]:
    meanings: dict[str, set[str]] = {}
    for form in formats():
        for word, canonical in form.words.get(field, {}).items():
            meanings.setdefault(word, set()).add(canonical)
    for word, told in meanings.items():
        if len(told) == 1:
            yield word, min(told)


def is_personal(header: str) -> bool:
    """Say whether a header is that of a column about people."""
    signs, folded_header, parts = dictionary().personal, folded(header), set(split(header))
    if folded_header.endswith(tuple(signs.ends)):
        return True
    if any(part in folded_header for part in signs.fact_parts) or parts & set(signs.fact_words):
        return False
    if "name" in parts and not parts & set(signs.named_things):
        return True
    return any(part in folded_header for part in signs.parts) or bool(parts & set(signs.words))
