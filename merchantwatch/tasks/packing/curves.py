"""What some parcels save by how many of them are packed: curves, and the best way to divide room.

Of parcels that count towards one prize at most, a number saves most by the dearest of them. What
two lots of parcels save together is the best way to divide a number between them, a max-plus
convolution; so all lots are joined, two by two, and the most is known for each number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

NEVER = -(2**61)
"""Less than any parcels save: of numbers for which there is no choice."""

_CELLS = 200_000
"""How many ways to divide room are compared at a time."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What a number of parcels saves, by the number, and ``counted``, how often they count."""

    values: Any
    counted: Any

    def pick(self, number: int) -> list[Any]:
        """Return the parcels that save so much with a number of them, as arrays."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Lot(Curve):
    """The curve of some parcels, in the order in which they are packed."""

    parcels: Any

    def pick(self, number: int) -> list[Any]:
        """Return the first ones."""
        return [self.parcels[:number]]


@dataclass(frozen=True, eq=False)
class Joined(Curve):
    """The curve of two others together: of each number so many are of the second as ``shares``."""

    first: Curve
    second: Curve
    shares: Any

    def pick(self, number: int) -> list[Any]:
        """Return those of both."""
        share = int(self.shares[number])
        return [*self.first.pick(number - share), *self.second.pick(share)]


@dataclass(frozen=True, eq=False)
class Either(Curve):
    """The better one of two curves of the same parcels, for each number."""

    first: Curve
    second: Curve
    better: Any

    def pick(self, number: int) -> list[Any]:
        """Return those of the better one."""
        return (self.second if self.better[number] else self.first).pick(number)


def lot(parcels: Any, worths: Any, counts: Any, room: int) -> Lot:
    """Return the curve of parcels of these worths, by which the dearest are packed first."""
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
    """Return the curve of all parcels of some curves, the shortest of which are joined first."""
    order = count()
    heap = [(len(one.values), next(order), one) for one in curves]
    heapify(heap)
    while len(heap) > 1:
        both = _joined(heappop(heap)[2], heappop(heap)[2], room)
        heappush(heap, (len(both.values), next(order), both))
    return heap[0][2]


def _joined(second: Curve, first: Curve, room: int) -> Joined:
    """Return the curve of two, of which the second is the shorter."""
    short, long = second.values, first.values
    numbers = min(len(short) + len(long) - 1, room + 1)
    # Row n of the windows is what the first saves with n - share parcels, the largest share first.
    beyond = np.full(len(short) - 1, NEVER)
    windows = sliding_window_view(np.concatenate([beyond, long, beyond]), len(short))
    values, shares = np.empty(numbers, dtype=np.int64), np.empty(numbers, dtype=np.int64)
    step = max(_CELLS // len(short), 1)
    for start in range(0, numbers, step):
        ways = windows[start : min(start + step, numbers)] + short[::-1]
        best = ways.argmax(axis=1)
        shares[start : start + len(best)] = len(short) - 1 - best
        values[start : start + len(best)] = ways[np.arange(len(best)), best]
    # Twice NEVER would leave the range of the type, once it is added up again.
    values = np.maximum(values, NEVER)
    counted = first.counted[np.clip(np.arange(numbers) - shares, 0, None).clip(max=len(long) - 1)]
    return Joined(values, counted + second.counted[shares], first, second, shares)
