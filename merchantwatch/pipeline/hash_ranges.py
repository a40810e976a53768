"""Ranges of hashes, to process the rows of a large table in parts."""

import itertools

HashRange = tuple[int, int] | None
"""The first and the last hash of a range; None stands for all hashes."""

_HASHES = 1 << 64
"""The number of possible hashes: engines hash to 64 bits."""


def hash_ranges(parts: int) -> list[HashRange]:
    """Divide all hashes into a number of ranges of nearly the same size."""
    if parts == 1:
        return [None]
    ends = [_HASHES * part // parts for part in range(parts + 1)]
    return [(first, end - 1) for first, end in itertools.pairwise(ends)]
