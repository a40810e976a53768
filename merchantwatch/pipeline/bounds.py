"""Bounds of hashes, to process many rows in parts."""

import itertools

Bounds = tuple[int, int] | None
"""The first and the last hash of a part; None: all hashes."""

_HASHES = 1 << 64
"""The number of possible hashes: engines hash to 64 bits."""


def hashes_apart(parts: int) -> list[Bounds]:
    """Return the bounds that divide all hashes into a number of parts."""
    if parts == 1:
        return [None]
    ends = [_HASHES * part // parts for part in range(parts + 1)]
    return [(first, end - 1) for first, end in itertools.pairwise(ends)]
