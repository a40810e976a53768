"""The flags of every row, packed as the bits of a few numbers: a column each would cost memory."""

from collections.abc import Sequence
from typing import NamedTuple

_BITS = 60
"""How many flags one number holds: a BIGINT has 63 bits without its sign, on both engines."""


class PackedFlags(NamedTuple):
    """A column of numbers that packs flags, with the bit of each flag."""

    column: str
    bits: tuple[tuple[str, int], ...]


def packed(flags: Sequence[str]) -> list[PackedFlags]:
    """Distribute flags over as few columns as can hold them."""
    groups = [flags[first : first + _BITS] for first in range(0, len(flags), _BITS)]
    return [
        PackedFlags(f"marks_{place}", tuple((flag, 1 << bit) for bit, flag in enumerate(group)))
        for place, group in enumerate(groups)
    ]


def is_set(flags: Sequence[str], flag: str) -> str:
    """Return the test of one flag among these."""
    for column, bits in packed(flags):
        if bit := dict(bits).get(flag):
            return f"({column} & {bit}) <> 0"
    # A flag that was not packed: a mistake in the program, not in the data.
    raise KeyError(flag)
