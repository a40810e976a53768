"""Curves and room → how much of the room each curve gets in the best division of it.

At a price for each number, a curve is best at one of its numbers by itself. What all save then,
with the price of the room, is no less than any division saves; and a division that takes of one
curve a number that is worse than its best by more than all lack together is not the best one. So
only numbers near to the best ones are tried.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from merchantwatch.tasks.packing.curves import Lot, joined

_HALVINGS = 48
"""How often the interval of the price is halved."""


def divided(curves: Sequence[Any], room: int) -> tuple[int, list[int]]:
    """Return the most that curves save together with at most so much room, and the number of each.

    ``curves`` are the values by the number, from 0 on.
    """
    all_of = _Curves(curves)
    price = _price(all_of, room)
    chosen, _ = all_of.within(price, 0.0)
    rest = room - int(chosen.sum())
    lacking = price * rest - _by_one(curves, chosen, rest)
    # The price is no whole number: each curve may be one beside what it is.
    first, last = all_of.within(price, lacking + len(curves))
    bounds = zip(curves, first.tolist(), last.tolist(), strict=True)
    parts = [_part(values, number, *ends) for number, (values, *ends) in enumerate(bounds)]
    left = room - int(first.sum())
    together = joined(parts, left)
    best = int(together.values[: left + 1].argmax())
    more = np.bincount(np.concatenate(together.pick(best)), minlength=len(curves))
    return int(together.values[best]), (first + more).tolist()


class _Curves:
    """The values of curves one after the other: a table would be as wide as the longest of them."""

    def __init__(self, curves: Sequence[Any]) -> None:
        self._lengths = np.array([len(values) for values in curves])
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._values = np.concatenate(curves).astype(float)
        self._curve = np.repeat(np.arange(len(curves)), self._lengths)
        self._numbers = np.arange(len(self._values)) - self._starts[self._curve]

    def dearest(self) -> float:
        """Return a price beyond which no curve has more than its first number."""
        gained = self._values - self._values[self._starts][self._curve]
        return float(gained.max()) + 1

    def within(self, price: float, slack: float) -> tuple[Any, Any]:
        """Return of each curve the first and the last number that is so near to its best one."""
        beyond = self._values - price * self._numbers
        least = np.maximum.reduceat(beyond, self._starts) - slack
        near = np.flatnonzero(beyond >= least[self._curve])
        curves = np.arange(len(self._starts))
        first, last = (np.searchsorted(self._curve[near], curves, side) for side in _SIDES)
        return self._numbers[near[first]], self._numbers[near[last - 1]]


_SIDES: Sequence[Literal["left", "right"]] = ("left", "right")


def _price(curves: _Curves, room: int) -> float:
    """Return a low price at which the best numbers of all curves have room."""
    low, high = -1.0, curves.dearest()
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        fits = curves.within(price, 0.0)[0].sum() <= room
        low, high = (low, price) if fits else (price, high)
    return max(high, 0.0)


def _by_one(curves: Sequence[Any], chosen: Any, rest: int) -> float:
    """Return the most that one curve saves with the rest of the room besides what is chosen."""
    pairs = zip(curves, chosen.tolist(), strict=True)
    return max(float(values[n : n + rest + 1].max() - values[n]) for values, n in pairs)


def _part(values: Any, number: int, first: int, last: int) -> Lot:
    """Return the part of a curve from one number to another, of parcels that say whose it is."""
    length = last - first
    return Lot(values[first : last + 1], np.zeros(length + 1), np.full(length, number))
