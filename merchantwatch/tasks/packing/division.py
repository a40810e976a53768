"""Curves and room → how much of the room each curve gets in the best division of it.

At a price for each number, a curve is best at one of its numbers by itself. What all save then,
with the price of the room, is no less than any division saves; and a division that takes of one
curve a number that is worse than its best by more than all lack together is not the best one. So
only numbers near to the best ones are tried.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from merchantwatch.tasks.packing.curves import NEVER, Lot, joined

_HALVINGS = 48
"""How often the interval of the price is halved."""


def divided(curves: Sequence[Any], room: int) -> tuple[int, list[int]]:
    """Return the most that curves save together with at most so much room, and the number of each.

    ``curves`` are the values by the number, from 0 on.
    """
    table = np.full((len(curves), max(map(len, curves))), float(NEVER))
    for row, values in zip(table, curves, strict=True):
        row[: len(values)] = values
    numbers = np.arange(table.shape[1])
    price = _price(table, numbers, room)
    beyond = table - price * numbers
    chosen = beyond.argmax(axis=1)
    rest = room - int(chosen.sum())
    lacking = price * rest - _by_one(table, chosen, rest)
    # The price is no whole number: each curve may be one beside what it is.
    near = beyond >= beyond.max(axis=1, keepdims=True) - (lacking + len(curves))
    first = near.argmax(axis=1)
    last = len(numbers) - 1 - near[:, ::-1].argmax(axis=1)
    parts = [
        _part(values, number, *(int(first[number]), min(int(last[number]), len(values) - 1)))
        for number, values in enumerate(curves)
    ]
    left = room - int(first.sum())
    together = joined(parts, left)
    best = int(together.values[: left + 1].argmax())
    more = np.bincount(np.concatenate(together.pick(best)), minlength=len(curves))
    return int(together.values[best]), (first + more).tolist()


def _price(table: Any, numbers: Any, room: int) -> float:
    """Return a low price at which the best numbers of all curves have room."""
    low, high = -1.0, float((table[:, 1:] - table[:, :1]).max(initial=0)) + 1
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        fits = (table - price * numbers).argmax(axis=1).sum() <= room
        low, high = (low, price) if fits else (price, high)
    return max(high, 0.0)


def _by_one(table: Any, chosen: Any, rest: int) -> float:
    """Return the most that one curve saves with the rest of the room besides what is chosen."""
    most = 0.0
    for row, number in zip(table, chosen.tolist(), strict=True):
        most = max(most, float(row[number : number + rest + 1].max() - row[number]))
    return most


def _part(values: Any, number: int, first: int, last: int) -> Lot:
    """Return the part of a curve from one number to another, of parcels that say whose it is."""
    length = last - first
    return Lot(values[first : last + 1], np.zeros(length + 1), np.full(length, number))
