"""Counts with nouns in English: one order, two orders. Chinese nouns have no plural."""

import re


def number_of(count: int | str, noun: str) -> str:
    """Return a count and what is counted, named in the singular: ``1 more order``, ``2,000 cases``.

    A count that is already a text is kept as written.
    """
    number = f"{count:,}" if isinstance(count, int) else count
    return f"{number} {noun if _is_one(count) else plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of the last word of a noun."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|ch|sh)$", noun) else f"{noun}s"


def agreeing(text: str, name: str, count: int | str) -> str:
    """Return a text in which the word forms that agree with a count are chosen.

    ``{n|order}`` is the count with its noun, ``{n|is|are}`` the form for one, or for several.
    """
    # Most texts have no such form, and a report fills thousands of them.
    if "{" + name + "|" not in text:
        return text

    def chosen(found: re.Match[str]) -> str:
        one, several = found[1], found[2]
        if several is None:
            return number_of(count, one)
        return one if _is_one(count) else several

    return re.sub(rf"\{{{re.escape(name)}\|([^|{{}}]*)(?:\|([^|{{}}]*))?\}}", chosen, text)


def _is_one(count: int | str) -> bool:
    return str(count) == "1"
