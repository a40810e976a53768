"""Names normalised for comparison: folded, in simplified characters, split into words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_LEAST_PART = 3
"""A compound is split into words of at least this length; the last one may be shorter."""

_COMMON_PREFIX = 0.6
"""A short first word of at least this share of a file's headers is the name of their table."""

_SHORT = 2


def simplified(text: str) -> str:
    """Return a text in NFKC, with traditional characters written as simplified ones."""
    from merchantwatch.mapping.dictionary import dictionary

    return unicodedata.normalize("NFKC", text).translate(dictionary().simplified_characters)


@cache
def folded(name: str) -> str:
    """Return a name normalised for comparison: simplified, lower case, letters and digits only."""
    return "".join(sign for sign in simplified(name).casefold() if sign.isalnum())


@cache
def split(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case: ``orderPaid_at`` → ``order``, ``paid``, ``at``."""
    return tuple(_WORD.findall(_HUMP.sub(" ", simplified(name)).casefold()))


def split_compound(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """Split a compound into known words, ``orderdate`` into ``order date``; else return it."""
    if word in known or not word.isascii() or len(word) <= _LEAST_PART:
        return (word,)
    # For each position that known words lead to: the fewest such words.
    fewest: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(word) + 1):
        for start, before in list(fewest.items()):
            part = word[start:end]
            least = 2 if end == len(word) and start else _LEAST_PART
            if len(part) >= least and part in known:
                words = (*before, part)
                if end not in fewest or len(words) < len(fewest[end]):
                    fewest[end] = words
    return fewest.get(len(word), (word,))


def common_prefixes(headers: Iterable[str]) -> frozenset[str]:
    """Return the short first words that most headers share, as ``t`` of ``t_order_id``."""
    first = Counter(words[0] for header in headers if len(words := split(header)) > 1)
    total = sum(first.values())
    return frozenset(
        word
        for word, n in first.items()
        if len(word) == 1 or (len(word) <= _SHORT and n > 1 and n >= _COMMON_PREFIX * total)
    )
