"""Which parcels to pack so that the least is lost: exactly where that is cheap, else with a bound.

Worth is in whole cents, so that sums are exact. Of one group the dearest parcels are always packed
first, so only their number is to be decided. A group's worth by that number is a curve: the sums of
the dearest, and from ``at_least`` on a prize, since the group is out of danger.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_MOST_CELLS = 50_000_000
"""The exact method stores at most this many choices: 100 MB."""

_UNDECIDED = 200
"""How many groups are decided exactly where there are more: those that a price leaves open."""


@dataclass(frozen=True)
class Group:
    """Parcels that share a danger: their worths, how many avert it, and what that is worth."""

    worths: Sequence[int]
    at_least: int = 0
    prize: int = 0


@dataclass(frozen=True)
class Shop:
    """Groups of one shop, which may itself be in danger."""

    groups: Sequence[Group]
    at_least: int = 0
    prize: int = 0


@dataclass(frozen=True)
class Packed:
    """How many parcels of each group of each shop to pack, what that saves, and an upper bound."""

    counts: tuple[tuple[int, ...], ...]
    saved: int
    bound: int


def pack(shops: Sequence[Shop], capacity: int) -> Packed:
    """Return which parcels to pack, at most ``capacity``.

    The answer is the best where ``saved`` is the ``bound``; no other can save more than that.
    """
    parcels = sum(len(group.worths) for shop in shops for group in shop.groups)
    room = min(capacity, parcels)
    if sum(len(shop.groups) for shop in shops) * (room + 1) <= _MOST_CELLS:
        return _exact(shops, room)
    return _priced(shops, room)


def worth(shops: Sequence[Shop], counts: Sequence[Sequence[int]]) -> int:
    """Return the worth of packing these numbers of parcels of each group."""
    total = 0
    for shop, numbers in zip(shops, counts, strict=True):
        total += sum(int(curve(g)[n]) for g, n in zip(shop.groups, numbers, strict=True))
        total += shop.prize * (sum(numbers) >= shop.at_least)
    return total


def curve(group: Group) -> Any:
    """Return the worth of packing 0, 1, 2 … parcels of a group, the dearest first."""
    import numpy as np

    dearest = sorted(group.worths, reverse=True)
    sums = np.concatenate([[0], np.cumsum(np.array(dearest, dtype=np.int64))]).astype(np.int64)
    sums[max(group.at_least, 0) :] += group.prize
    return sums


def _exact(shops: Sequence[Shop], room: int) -> Packed:
    """Find the best choice for each number of parcels, group by group, then shop by shop."""
    within = [_best_of([curve(group) for group in shop.groups], room) for shop in shops]
    curves = []
    for shop, (best, _) in zip(shops, within, strict=True):
        best[max(shop.at_least, 0) :] += shop.prize
        curves.append(best)
    best, choices = _best_of(curves, room)
    of_shops = _chosen(choices, len(best) - 1)
    counts = tuple(
        tuple(_chosen(chosen, number)) for (_, chosen), number in zip(within, of_shops, strict=True)
    )
    return Packed(counts, int(best[-1]), int(best[-1]))


def _best_of(curves: Sequence[Any], room: int) -> tuple[Any, list[Any]]:
    """Return the best sum of several curves for 0 … ``room`` parcels, and the choices for it.

    The choices have for each curve how many parcels are taken of it, by the number of parcels
    taken of all curves up to it.
    """
    import numpy as np

    best, choices = np.zeros(1, dtype=np.int64), []
    for added in curves:
        size = min(room, len(best) + len(added) - 2) + 1
        combined = np.full(size, -1, dtype=np.int64)
        choice = np.zeros(size, dtype=np.int16 if len(added) < 1 << 15 else np.int32)
        for number in range(min(len(added), size)):
            end = min(size, number + len(best))
            tried = best[: end - number] + added[number]
            better = tried > combined[number:end]
            combined[number:end][better] = tried[better]
            choice[number:end][better] = number
        best = combined
        choices.append(choice)
    return best, choices


def _chosen(choices: Sequence[Any], number: int) -> list[int]:
    """Return how many parcels of each curve the best choice of ``number`` takes."""
    numbers = []
    for choice in reversed(choices):
        taken = int(choice[number])
        numbers.append(taken)
        number -= taken
    return numbers[::-1]


def _priced(shops: Sequence[Shop], room: int) -> Packed:
    """Decide by one price for a parcel, and exactly only what that price leaves open."""
    groups = [group for shop in shops for group in shop.groups]
    curves = [curve(group) for group in groups]
    counts, bound, price = _at_a_price(curves, room)
    _decide(curves, counts, room, price)
    prizes = sum(shop.prize for shop in shops)
    tried = [_by_shop(shops, counts)]
    tried += [_with_prize(shops, curves, counts, place) for place in range(len(shops))]
    able = [one for one in tried if sum(map(sum, one)) <= room]
    best = max(able, key=lambda one: worth(shops, one))
    return Packed(tuple(map(tuple, best)), worth(shops, best), bound + prizes)


def _at_a_price(curves: Sequence[Any], room: int) -> tuple[list[int], int, float]:
    """Return how many parcels of each curve are worth the price, a bound, and that price."""
    steps = sorted(
        ((-slope, place, start, length) for place, values in enumerate(curves)
         for slope, start, length in _steps(values))
    )  # fmt: skip
    counts, bound, price = [0] * len(curves), float(sum(int(values[0]) for values in curves)), 0.0
    for negative, place, start, length in steps:
        if room <= 0:
            break
        price = -negative
        bound += price * min(length, room)
        if length <= room:
            counts[place] = start + length
        room -= length
    return counts, math.floor(bound + 1e-6), price


def _steps(values: Any) -> Iterator[tuple[float, int, int]]:
    """Yield the steps of the least concave curve above a curve: slope, first parcel, parcels."""
    corners: list[int] = []
    for number in range(len(values)):
        while len(corners) > 1 and _below(values, corners[-2], corners[-1], number):
            corners.pop()
        corners.append(number)
    for start, end in pairwise(corners):
        slope = (int(values[end]) - int(values[start])) / (end - start)
        if slope > 0:
            yield slope, start, end - start


def _below(values: Any, first: int, middle: int, last: int) -> bool:
    rise = (int(values[middle]) - int(values[first])) * (last - first)
    return rise <= (int(values[last]) - int(values[first])) * (middle - first)


def _decide(curves: Sequence[Any], counts: list[int], room: int, price: float) -> None:
    """Decide exactly about the groups whose next or last step is nearest to the price."""
    nearest = sorted(range(len(curves)), key=lambda place: _distance(curves[place], price))
    free = room - sum(counts)
    some: list[int] = []
    for place in nearest[:_UNDECIDED]:
        if (len(some) + 1) * (free + counts[place] + 1) > _MOST_CELLS:
            break
        some.append(place)
        free += counts[place]
    best, choices = _best_of([curves[place] for place in some], free)
    for place, number in zip(some, _chosen(choices, len(best) - 1), strict=True):
        counts[place] = number


def _distance(values: Any, price: float) -> float:
    return min((abs(slope - price) for slope, _, _ in _steps(values)), default=math.inf)


def _by_shop(shops: Sequence[Shop], counts: Sequence[int]) -> list[list[int]]:
    grouped, left = [], list(counts)
    for shop in shops:
        grouped.append(left[: len(shop.groups)])
        left = left[len(shop.groups) :]
    return grouped


def _with_prize(
    shops: Sequence[Shop], curves: Sequence[Any], counts: Sequence[int], place: int
) -> list[list[int]]:
    """Return the counts with as many more parcels of one shop as its prize requires."""
    grouped = _by_shop(shops, counts)
    before = sum(len(shop.groups) for shop in shops[:place])
    members = range(before, before + len(shops[place].groups))
    more = shops[place].at_least - sum(grouped[place])
    if more <= 0:
        return grouped
    changed = list(counts)
    others = [one for one in range(len(curves)) if one not in members]
    for _ in range(more):
        up = max(
            (one for one in members if changed[one] + 1 < len(curves[one])),
            key=lambda one: curves[one][changed[one] + 1] - curves[one][changed[one]],
            default=None,
        )
        down = min(
            (one for one in others if changed[one]),
            key=lambda one: curves[one][changed[one]] - curves[one][changed[one] - 1],
            default=None,
        )
        if up is None:
            return grouped
        changed[up] += 1
        if down is not None:
            changed[down] -= 1
    return _by_shop(shops, changed)
