"""The words of an export's cells → the SQL that translates them into canonical words."""

from collections.abc import Collection, Iterable, Mapping

from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import Derived, Format, fold, known_implying_words, known_words, plain
from merchantwatch.formats.words import BLANKS, NARROW
from merchantwatch.pipeline.rendering import literal

_FULL_WIDTH = str.maketrans({",": "，", "(": "（", ")": "）"})

_SEPARATOR = "\u241f"
"""The separator of words in a list: a character that no word contains."""

_NARROWED = [sign for sign in NARROW if NARROW[sign] != sign]
_FROM, _TO = "".join(_NARROWED) + BLANKS, "".join(NARROW[sign] for sign in _NARROWED)
_WIDE = f"[！-～{BLANKS.replace(' ', '')}]"


def words_as_values(form: Format, field: str, present: Collection[str] | None) -> dict[str, object]:
    """Return the words that a format states for a field, and a list to look all other words up in.

    ``present`` are all words of the column if these are known: then the SQL tests only for them.
    """
    kind, stated = FIELDS[field].kind, form.words.get(field, {})
    if kind is not Kind.WORD:
        return {"words": _pairs(stated, kind), "others": None}
    known = known_words(field, stated)
    if present is None:
        return {"words": _pairs(stated, kind), "others": _others(known)}
    return {"words": _of_present(_pairs(stated, kind), known, kind, present), "others": None}


def implied_by_words(
    item: Derived, form: Format, present: Collection[str] | None = None
) -> dict[str, object]:
    """Return the parameters of a field that is implied by the words of another one.

    A flag follows from every word: a word that does not say yes says no. ``present`` are all words
    of the column if these are known: then the SQL tests only for them.
    """
    kind = FIELDS[item.field].kind
    implying = known_implying_words(item.field, item.words_of, item.words)
    only_yes = kind is Kind.FLAG and set(implying.values()) == {"true"}
    rest = "false" if only_yes else ""
    silent = [word for word in form.words.get(item.words_of, {}) if plain(word) not in implying]
    pairs = [*_pairs(item.words, kind), *_pairs(dict.fromkeys(silent, rest or "null"), None)]
    return {
        "field": item.field,
        "words_of": item.words_of,
        "words": pairs if present is None else _of_present(pairs, implying, kind, present),
        "others": _others(implying) if present is None else None,
        "rest": rest,
        "type": kind.sql_type,
    }


def _of_present(
    pairs: Iterable[tuple[str, str]], known: Mapping[str, str], kind: Kind, present: Collection[str]
) -> list[tuple[str, str]]:
    """Return the words that occur, with the format's meanings, else those of all known words."""
    meanings: dict[str, str] = {}
    for word, meaning in pairs:
        meanings.setdefault(word, meaning)
    for word in sorted(present):
        if plain(word) in known:
            meaning = known[plain(word)]
            meanings.setdefault(literal(word), literal(meaning) if kind is Kind.WORD else meaning)
    return [(word, meanings[word]) for word in map(literal, sorted(present)) if word in meanings]


def _others(known: Mapping[str, str]) -> dict[str, str]:
    """Return normalised words, their meanings, and how a cell is normalised to be looked up."""
    return {
        "words": literal(_SEPARATOR.join(known)),
        "meanings": literal(_SEPARATOR.join(known.values())),
        "sign": literal(_SEPARATOR),
        "wide": literal(_WIDE),
        "from": literal(_FROM),
        "to": literal(_TO),
    }


def _pairs(words: Mapping[str, str], kind: Kind | None) -> list[tuple[str, str]]:
    """Return words and their meanings as literals; for a flag the meaning is SQL already.

    Each word is included with the full-width punctuation of some exports, too.
    """
    spelled: dict[str, str] = {}
    for word, canonical in words.items():
        meaning = literal(canonical) if kind is Kind.WORD else canonical
        spelled[fold(word)] = spelled[fold(word).translate(_FULL_WIDTH)] = meaning
    return [(literal(word), meaning) for word, meaning in spelled.items()]
