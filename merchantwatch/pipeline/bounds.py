"""Bounds of hashes, to process many rows in parts."""

import itertools

Bounds = tuple[int, int] | None
"""The first and the last of the hashes that are looked at; None: all."""

_HASHES = 1 << 64
"""How many hashes there are."""


def hashes_apart(parts: int) -> list[Bounds]:
    """Return the bounds that divide all hashes into a number of parts."""
    if parts == 1:
        return [None]
    ends = [_HASHES * part // parts for part in range(parts + 1)]
    return [(first, end - 1) for first, end in itertools.pairwise(ends)]
