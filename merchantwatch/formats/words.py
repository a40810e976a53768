"""The dictionary: words that mean the same in every platform's exports, and how words compare."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from merchantwatch.fields import FIELDS, FLAG_WORDS, PLATFORMS, WORDS, Kind
from merchantwatch.support.cache import cached

_FOLDER = Path(__file__).parent / "dictionary"

UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
BLANKS = " \t\r\n\u00a0\u3000" + UNSEEN
"""Characters that are ignored when words are compared."""

NARROW = {chr(code + 0xFEE0): chr(code).lower() for code in range(ord("!"), ord("~") + 1)}
"""Each full-width character and its half-width form in lower case."""

_PLAIN = str.maketrans({**NARROW, **dict.fromkeys(BLANKS)})


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the dictionary, which has the name of the field whose words it lists.

    ``words`` is canonical word → language → the platforms' words. ``also`` is what words imply for
    other fields: field → meaning → words.
    """

    words: dict[str, dict[str, list[str]]]
    also: dict[str, dict[str, list[str]]] = {}


class Meanings(msgspec.Struct, frozen=True):
    """The meanings of a field's words, and what they imply for other fields: word → meaning."""

    words: dict[str, str]
    also: dict[str, dict[str, str]]


def canonical_words(field: str) -> tuple[str, ...]:
    """Return the canonical words of a field; for a flag, yes and no."""
    if field == "platform":
        return PLATFORMS
    return FLAG_WORDS if FIELDS[field].kind is Kind.FLAG else WORDS.get(field, ())


def plain(word: str) -> str:
    """Return a word normalised for comparison: lower case, half width, without blanks."""
    return word.lower().translate(_PLAIN)


@cache
def dictionary() -> dict[str, Meanings]:
    """Return the words that mean the same everywhere, by field, in the order of their files."""
    return cached(_FOLDER, dict[str, Meanings], _read)


def known_words(field: str, stated: Mapping[str, str]) -> dict[str, str]:
    """Return all words that are understood in a field, normalised, with their meanings.

    ``stated`` are those of the export's format, which win over the dictionary.
    """
    return {**_everywhere(field), **_plainly(stated)}


def known_implying_words(field: str, words_of: str, stated: Mapping[str, str]) -> dict[str, str]:
    """Return the words of the field ``words_of`` that imply a value of ``field``, normalised.

    ``stated`` are those of the export's format, which win over the dictionary.
    """
    return {**_implied_everywhere(field, words_of), **_plainly(stated)}


@cache
def _everywhere(field: str) -> dict[str, str]:
    page = dictionary().get(field)
    return _plainly(page.words) if page else {}


@cache
def _implied_everywhere(field: str, words_of: str) -> dict[str, str]:
    page = dictionary().get(words_of)
    return _plainly(page.also.get(field, {})) if page else {}


def _plainly(words: Mapping[str, str]) -> dict[str, str]:
    """Return words normalised for comparison, accented letters in both Unicode forms."""
    # Files from macOS may have them decomposed (NFD): é as e and a combining accent.
    decomposed = {plain(unicodedata.normalize("NFD", w)): meaning for w, meaning in words.items()}
    return decomposed | {plain(word): meaning for word, meaning in words.items()}


def _read() -> dict[str, Meanings]:
    return {file.stem: _meanings(file) for file in sorted(_FOLDER.glob("*.toml"))}


def _meanings(file: Path) -> Meanings:
    page = msgspec.toml.decode(file.read_bytes(), type=Page)
    by_canonical = {
        canonical: [word for listed in languages.values() for word in listed]
        for canonical, languages in page.words.items()
    }
    also = {field: _inverted(file, field, table) for field, table in page.also.items()}
    return Meanings(_inverted(file, file.stem, by_canonical), also)


def _inverted(file: Path, field: str, table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Turn meaning → words into word → meaning.

    Raises ValueError for a word with two meanings, or with a meaning that does not exist.
    """
    unknown = sorted(set(table) - set(canonical_words(field)))
    if unknown:
        raise ValueError(f"{file.name}: {unknown} are no words of {field}")
    found: dict[str, str] = {}
    for meaning, words in table.items():
        for word in words:
            # Compared as cells are: two spellings of one word must not mean two things either.
            if found.setdefault(plain(word), meaning) != meaning:
                raise ValueError(f"{file.name}: {word!r} has two meanings")
    return {word: meaning for meaning, words in table.items() for word in words}
