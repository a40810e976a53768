"""Which field a header may be the name of, and how sure that is."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from merchantwatch.fields import CASE_FIELDS, FIELDS, Kind
from merchantwatch.mapping.dictionary import folded, names, split

KNOWN, ALIKE, WITHIN = 3, 2, 1
"""How a header fits a name: it is the name; it is written nearly so; the name is a part of it."""

_NEARLY = 0.86
"""From this likeness on two names are taken for spellings of one."""

_SHORTEST = {True: 4, False: 3}
"""A shorter name within a header says nothing: of Latin letters (True), of others."""

_OF_TIME = frozenset({"date", "time", "datetime", "timestamp", "at", "on", "ts", "dt", "utc", "to"})
_OF_ORDERS = frozenset({"order", "orders", "item", "line"})
_NOT_YET = frozenset({"estimated", "expected", "planned", "estimate", "eta", "due", "promised"})
_NOT_YET_PARTS = (
    "预计",
    "计划",
    "预约",
    "应发",
    "应揽",
    "要求",
    "最晚",
    "最迟",
    "截止",
    "承诺",
    "超时",
)
"""Headers with one of these tell when something is to happen, not when it did."""


@dataclass(frozen=True)
class Fit:
    """A field that a header may name.

    ``how`` well it fits, which ``name`` and at what ``place`` in the list of names, and how large a
    ``part`` of the header that name is.
    """

    field: str
    how: int
    name: str
    place: int
    part: float = 1.0


def fits(header: str) -> Iterator[Fit]:
    """Yield the fields that a header may be the name of."""
    for field, known in _folded_names().items():
        if FIELDS[field].event and _is_yet_to_come(header) and folded(header) not in known:
            continue
        found = _known(header, field) or _roughly(header, field)
        if found:
            yield found


@cache
def _folded_names() -> dict[str, dict[str, int]]:
    """Return each field's names with their places in the list."""
    return {
        field: {folded(name): place for place, name in reversed(list(enumerate(known)))}
        for field, known in names().items()
    }


@cache
def _moments_called() -> dict[str, dict[frozenset[str], int]]:
    """Return for each time the sets of words that name it, whatever words of time are beside."""
    found: dict[str, dict[frozenset[str], int]] = {}
    for field, known in names().items():
        if FIELDS[field].kind is Kind.TIME:
            sets = ((_core(name), place) for place, name in enumerate(known))
            found[field] = {core: place for core, place in reversed(list(sets)) if core}
    return found


def _core(name: str) -> frozenset[str]:
    """Return the words of a name that tell which moment it is of."""
    words = frozenset(split(name)) - _OF_TIME
    return words - _OF_ORDERS or words


def _known(header: str, field: str) -> Fit | None:
    name = folded(header)
    place = _folded_names()[field].get(name)
    if place is None and FIELDS[field].kind is Kind.TIME:
        place = _moments_called()[field].get(_core(header))
    return None if place is None else Fit(field, KNOWN, names()[field][place], place)


def _roughly(header: str, field: str) -> Fit | None:
    """Return how a header nearly has a name of a field; a case's fields are told by names alone."""
    if field in CASE_FIELDS or FIELDS[field].kind is Kind.FLAG:
        return None
    name = folded(header)
    for known, place in _folded_names()[field].items():
        if _is_long(known) and SequenceMatcher(None, name, known).ratio() >= _NEARLY:
            return Fit(field, ALIKE, names()[field][place], place)
    within = [
        Fit(field, WITHIN, names()[field][place], place, len(known) / len(name))
        for known, place in _folded_names()[field].items()
        if _is_within(known, names()[field][place], header)
    ]
    return max(within, key=lambda fit: (fit.part, -fit.place), default=None)


def _is_within(known: str, spelled: str, header: str) -> bool:
    """Say whether a name stands in a header, of Latin ones as whole words."""
    if not _is_long(known):
        return False
    if known.isascii():
        words = set(split(spelled))
        return len(words) > 1 and words <= set(split(header))
    return known in folded(header)


def _is_long(known: str) -> bool:
    return len(known) >= _SHORTEST[known.isascii()]


def _is_yet_to_come(header: str) -> bool:
    return bool(_NOT_YET & set(split(header))) or any(part in header for part in _NOT_YET_PARTS)
