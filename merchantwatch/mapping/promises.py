"""Whether the name of a time is a promise, and of what."""

from enum import IntEnum

from merchantwatch.mapping.dictionary import dictionary
from merchantwatch.mapping.names import Header, names_another_thing

_TOO_WEAK = frozenset(
    {"by", "last", "before", "max", "maximum", "until", "est", "requested", "limit"}
)
"""Words that make no promise unless another word says what is promised."""


class Promised(IntEnum):
    """What a name may promise, the surest first."""

    SENDING = 1
    PLANNED_SENDING = 2
    SOMETHING = 3
    DELIVERY = 4


def promised(header: Header) -> Promised | None:
    """Return what a header promises; None if nothing, or something else."""
    promise, words = dictionary().promise, set(header.words)

    def says(known: list[str], parts: list[str]) -> bool:
        return not words.isdisjoint(known) or any(part in header.folded for part in parts)

    firm = says(promise.firm, promise.firm_parts)
    planned = says(promise.planned, promise.planned_parts)
    if not (firm or planned):
        return None
    # A deadline for a refund or evidence is no promise to ship.
    if says(promise.other, promise.other_parts) or names_another_thing(header):
        return None
    # Tested before sending: a name with words for both is about the delivery.
    if says(promise.delivering, promise.delivering_parts):
        return Promised.DELIVERY
    if says(promise.sending, promise.sending_parts):
        return Promised.SENDING if firm else Promised.PLANNED_SENDING
    is_weak = header.folded.isascii() and words & {*promise.firm, *promise.planned} <= _TOO_WEAK
    return None if is_weak else Promised.SOMETHING
