"""Names of times that are promises to ship."""

from enum import IntEnum

from merchantwatch.mapping.dictionary import dictionary
from merchantwatch.mapping.names import Header, is_of_another_thing

_TOO_WEAK = frozenset(
    {"by", "last", "before", "max", "maximum", "until", "est", "requested", "limit"}
)
"""Words that are no promise without a word for what is promised."""


class Promised(IntEnum):
    """The events that a name may promise, the surest first."""

    SENDING = 1
    PLANNED_SENDING = 2
    SOMETHING = 3
    DELIVERY = 4


def promised(header: Header) -> Promised | None:
    """Return what a header promises; None if nothing, or something else."""
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
    # Before sending: a name with words of both is about the delivery.
    if says(promise.delivering, promise.delivering_parts):
        return Promised.DELIVERY
    if says(promise.sending, promise.sending_parts):
        return Promised.SENDING if firm else Promised.PLANNED_SENDING
    is_weak = header.folded.isascii() and words & {*promise.firm, *promise.planned} <= _TOO_WEAK
    return None if is_weak else Promised.SOMETHING
