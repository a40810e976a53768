"""Names normalised for comparison: folded, in simplified characters, split into words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_LEAST_PART = 3
"""Compounds are split into words of at least this length, except the last."""

_COMMON_PREFIX = 0.6
"""A short first word that this share of a file's headers has is the name of their table."""

_SHORT = 2


def simplified(text: str) -> str:
    """Return a text in NFKC, with traditional characters written as simplified ones."""
    from merchantwatch.mapping.dictionary import dictionary

    return unicodedata.normalize("NFKC", text).translate(dictionary().simplifying)


@cache
def folded(name: str) -> str:
    """Return a name normalised for comparison: simplified, lower case, letters and digits only."""
    return "".join(sign for sign in simplified(name).casefold() if sign.isalnum())


@cache
def split(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: ``orderPaid_at`` is ``order paid at``."""
    return tuple(_WORD.findall(_HUMP.sub(" ", simplified(name)).casefold()))


def parted(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the known words of a compound, ``orderdate`` as ``order date``; else the word."""
    if word in known or not word.isascii() or len(word) <= _LEAST_PART:
        return (word,)
    # At each position the fewest words that lead to it.
    ways: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        for start, before in list(ways.items()):
            part = word[start:end]
            least = 2 if end == len(word) and start else _LEAST_PART
            if len(part) >= least and part in known:
                way = (*before, part)
                if end not in ways or len(way) < len(ways[end]):
                    ways[end] = way
    return ways.get(len(word), (word,))


def common_prefixes(headers: Iterable[str]) -> frozenset[str]:
    """Return the short first words that most headers share, as ``t`` of ``t_order_id``."""
    first = Counter(words[0] for header in headers if len(words := split(header)) > 1)
    total = sum(first.values())
    return frozenset(
        word
        for word, n in first.items()
        if len(word) == 1 or (len(word) <= _SHORT and n > 1 and n >= _COMMON_PREFIX * total)
    )
