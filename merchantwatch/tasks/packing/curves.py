"""What some parcels save by how many of them are packed: curves, and the best way to divide room.

Of parcels that count towards one prize at most, the most valuable ones save the most. What
two lots of parcels save together is the best way to divide a number between them, a max-plus
convolution; so all lots are joined, two by two, and the most is known for each number.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.lib.stride_tricks import sliding_window_view

NEVER = -(2**61)
"""Less than any parcels save: of numbers for which there is no choice."""

_CELLS = 200_000
"""How many ways to divide room are compared at a time."""


class Curve(Struct, frozen=True, eq=False):
    """What a number of parcels saves, by the number, and ``counted``, how often they count."""

    values: Any
    counted: Any

    def pick(self, number: int) -> list[Any]:
        """Return the parcels behind the value of a number, as arrays."""
        raise NotImplementedError


class Lot(Curve, frozen=True, eq=False):
    """The curve of some parcels, in the order in which they are packed."""

    parcels: Any

    def pick(self, number: int) -> list[Any]:
        """Return the first ones."""
        return [self.parcels[:number]]


class Joined(Curve, frozen=True, eq=False):
    """The curve of two others together; ``shares``: how many of each number are of the second."""

    first: Curve
    second: Curve
    shares: Any

    def pick(self, number: int) -> list[Any]:
        """Return those of both."""
        share = int(self.shares[number])
        return [*self.first.pick(number - share), *self.second.pick(share)]


class Either(Curve, frozen=True, eq=False):
    """The better one of two curves of the same parcels, for each number."""

    first: Curve
    second: Curve
    better: Any

    def pick(self, number: int) -> list[Any]:
        """Return those of the better one."""
        return (self.second if self.better[number] else self.first).pick(number)


def lot(parcels: Any, worths: Any, counts: Any, room: int) -> Lot:
    """Return the curve of parcels of these worths, with the most valuable packed first."""
    order = np.argsort(-worths, kind="stable")[:room]
    start = np.zeros(1, dtype=np.int64)
    values = np.concatenate([start, np.cumsum(worths[order])])
    return Lot(values, np.concatenate([start, np.cumsum(counts[order])]), parcels[order])


def either(first: Curve, second: Curve) -> Either:
    """Return the better one of two curves for each number, the first one where they are equal."""
    better = second.values > first.values
    counted = np.where(better, second.counted, first.counted)
    return Either(np.maximum(first.values, second.values), counted, first, second, better)


def joined(curves: Iterable[Curve], room: int) -> Curve:
    """Return the curve of all parcels of some curves, which are joined two by two."""
    level = list(curves)
    while len(level) > 1:
        # Of about equal length two by two, so that many pairs are joined as one array.
        level.sort(key=_length)
        longest = [level.pop()] if len(level) % 2 else []
        pairs = list(zip(level[1::2], level[::2], strict=True))
        level = [*chain.from_iterable(_joined(some, room) for some in _together(pairs)), *longest]
    return level[0]


_Pair = tuple[Curve, Curve]
"""Two curves, the shorter one last."""


def _length(curve: Curve) -> int:
    return len(curve.values)


def _together(pairs: Sequence[_Pair]) -> Iterator[list[_Pair]]:
    """Yield pairs, sorted by length, in groups with no more ways than are compared at a time."""
    some: list[_Pair] = []
    for first, second in pairs:
        ways = (_length(first) + _length(second)) * _length(second)
        if some and (len(some) + 1) * ways > _CELLS:
            yield some
            some = []
        some.append((first, second))
    if some:
        yield some


def _joined(pairs: Sequence[_Pair], room: int) -> Iterator[Joined]:
    """Yield the curve of each pair; all are as long as the longest while they are joined."""
    long, short = (max(_length(pair[which]) for pair in pairs) for which in (0, 1))
    numbers = min(long + short - 1, room + 1)
    beyond = short - 1
    firsts = np.full((len(pairs), long + 2 * beyond), NEVER)
    seconds = np.full((len(pairs), 1, short), NEVER)
    for row, (first, second) in enumerate(pairs):
        firsts[row, beyond : beyond + _length(first)] = first.values
        seconds[row, 0, short - _length(second) :] = second.values[::-1]
    # Window n of a row is what the first saves with n - share parcels, the largest share first.
    windows = sliding_window_view(firsts, short, axis=1)
    values, shares = (np.empty((len(pairs), numbers), dtype=np.int64) for _ in range(2))
    step = max(_CELLS // (len(pairs) * short), 1)
    for start in range(0, numbers, step):
        ways = windows[:, start : min(start + step, numbers)] + seconds
        best = ways.argmax(axis=2)
        shares[:, start : start + step] = short - 1 - best
        values[:, start : start + step] = np.take_along_axis(ways, best[..., None], 2)[..., 0]
    # Twice NEVER would leave the range of the type, once it is added up again.
    values = np.maximum(values, NEVER)
    for row, (first, second) in enumerate(pairs):
        length = min(_length(first) + _length(second) - 1, numbers)
        share = shares[row, :length]
        counted = first.counted[np.arange(length) - share] + second.counted[share]
        yield Joined(values[row, :length], counted, first, second, share)
