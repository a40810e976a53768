"""Whether a time is one by which goods are to be sent, by the words of its name."""

from enum import IntEnum

from merchantwatch.mapping.dictionary import dictionary
from merchantwatch.mapping.names import Header, is_of_another_thing

_TOO_WEAK = frozenset(
    {"by", "last", "before", "max", "maximum", "until", "est", "requested", "limit"}
)
"""Words that promise nothing without a word of what is promised."""


class Promised(IntEnum):
    """What a name promises, the surest first: sending, something, delivery."""

    SENDING = 1
    PLANNED_SENDING = 2
    SOMETHING = 3
    DELIVERY = 4


def promised(header: Header) -> Promised | None:
    """Return what a header promises, None where it promises nothing, or something else."""
    promise, words = dictionary().promise, set(header.words)

    def says(some: list[str], parts: list[str]) -> bool:
        return not words.isdisjoint(some) or any(part in header.folded for part in parts)

    firm, planned = (
        says(promise.firm, promise.firm_parts),
        says(promise.planned, promise.planned_parts),
    )
    if (
        not (firm or planned)
        or says(promise.other, promise.other_parts)
        or is_of_another_thing(header)
    ):
        return None
    if says(promise.delivering, promise.delivering_parts):
        return Promised.DELIVERY
    if says(promise.sending, promise.sending_parts):
        return Promised.SENDING if firm else Promised.PLANNED_SENDING
    is_weak = header.folded.isascii() and words & {*promise.firm, *promise.planned} <= _TOO_WEAK
    return None if is_weak else Promised.SOMETHING
