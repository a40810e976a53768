"""The words of an export → SQL that makes the canonical ones of them."""

from collections.abc import Mapping

from merchantwatch.fields import FIELDS, Kind
from merchantwatch.formats import Derived, Format, fold, known_tellers, known_words, plain
from merchantwatch.formats.words import BLANKS, NARROW
from merchantwatch.pipeline.stages import literal

_FULL_WIDTH = str.maketrans({",": "，", "(": "（", ")": "）"})

_SIGN = "\u241f"
"""What stands between the words of a list: a sign that no word holds."""

_SAME = [sign for sign in NARROW if NARROW[sign] != sign]
_FROM, _TO = "".join(_SAME) + BLANKS, "".join(NARROW[sign] for sign in _SAME)
_WIDE = f"[！-～{BLANKS.replace(' ', '')}]"


def words_as_values(form: Format, field: str) -> dict[str, object]:
    """Return the words that a format expects in a field, and how all others are looked up."""
    kind, own = FIELDS[field].kind, form.words.get(field, {})
    others = _others(known_words(field, own)) if kind is Kind.WORD else None
    return {"words": _pairs(own, kind), "others": others}


def told_by_words(item: Derived, form: Format) -> dict[str, object]:
    """Return a field that the words of another tell, and what any other known word of it means.

    A flag is told by every word: what does not say yes says no.
    """
    kind = FIELDS[item.field].kind
    tellers = known_tellers(item.field, item.words_of, item.words)
    says_yes_only = kind is Kind.FLAG and set(tellers.values()) == {"true"}
    rest = "false" if says_yes_only else ""
    silent = [word for word in form.words.get(item.words_of, {}) if plain(word) not in tellers]
    return {
        "field": item.field,
        "words_of": item.words_of,
        "words": [*_pairs(item.words, kind), *_pairs(dict.fromkeys(silent, rest or "null"), None)],
        "others": _others(tellers),
        "rest": rest,
        "type": kind.sql_type,
    }


def _others(known: Mapping[str, str]) -> dict[str, str]:
    """Return a list of plain words and that of their meanings, and how a cell becomes plain."""
    return {
        "words": literal(_SIGN.join(known)),
        "meanings": literal(_SIGN.join(known.values())),
        "sign": literal(_SIGN),
        "wide": literal(_WIDE),
        "from": literal(_FROM),
        "to": literal(_TO),
    }


def _pairs(words: Mapping[str, str], kind: Kind | None) -> list[tuple[str, str]]:
    """Return words and what they mean as literals; what is no word is SQL already.

    Each word also stands with the full-width signs that some exports write.
    """
    spelled: dict[str, str] = {}
    for word, canonical in words.items():
        meaning = literal(canonical) if kind is Kind.WORD else canonical
        spelled[fold(word)] = spelled[fold(word).translate(_FULL_WIDTH)] = meaning
    return [(literal(word), meaning) for word, meaning in spelled.items()]
