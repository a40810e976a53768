"""The flags of every row, packed as the bits of one or two numbers, to be counted."""

from collections.abc import Sequence
from typing import NamedTuple

_BITS = 60
"""How many flags one number holds: a BIGINT has 63 bits without its sign, on both engines."""


class Mark(NamedTuple):
    """A number that packs flags: its column, and the bit of each flag."""

    column: str
    bits: tuple[tuple[str, int], ...]


def marks_of(flags: Sequence[str]) -> list[Mark]:
    """Return the numbers that hold these flags."""
    groups = [flags[first : first + _BITS] for first in range(0, len(flags), _BITS)]
    return [
        Mark(f"marks_{place}", tuple((flag, 1 << bit) for bit, flag in enumerate(group)))
        for place, group in enumerate(groups)
    ]


def is_set(flags: Sequence[str], flag: str) -> str:
    """Return the test of one flag among these."""
    column, bit = next(
        (mark.column, dict(mark.bits)[flag]) for mark in marks_of(flags) if flag in dict(mark.bits)
    )
    return f"({column} & {bit}) <> 0"
