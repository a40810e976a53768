"""Parcels and the prizes of packing enough of them, as a few arrays.

Worth is in whole cents. A *need* is one condition of a prize: a number of some parcels are to be
packed, each counted so often. An *entry* is one parcel in one need.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct


class Need(NamedTuple):
    """How often each of some parcels, by its index, counts, and how many are to be packed."""

    counts: Mapping[int, int]
    at_least: int


class Prize(Struct, frozen=True):
    """What is won once all needs are met.

    ``wide`` is the prize of a whole shop, of which there is one; others need the same parcels.
    """

    worth: int
    needs: Sequence[Need]
    wide: bool = False


class Packed(Struct, frozen=True):
    """Indexes of the parcels to pack, what they save, and what no choice can save more than."""

    parcels: tuple[int, ...]
    saved: int
    bound: int


class Model(Struct, frozen=True, eq=False):
    """What is to be decided: parcels with their worth, and prizes that there is room to win.

    ``shop`` is of parcels, ``wide`` and ``prize_shop`` of prizes, ``prize`` and ``at_least`` of
    needs; ``parcel``, ``need``, ``count`` and ``of`` (its prize) of entries, which are sorted by
    need and within it by worth, the highest first.
    """

    room: int
    worths: Any
    shop: Any
    prizes: Any
    wide: Any
    prize_shop: Any
    prize: Any
    at_least: Any
    parcel: Any
    need: Any
    count: Any
    of: Any

    @property
    def shops(self) -> int:
        """How many shops there are."""
        return int(self.shop.max(initial=0)) + 1

    def mask(self, entries: Any) -> Any:
        """Return the parcels of some entries."""
        mask = np.zeros(len(self.worths), dtype=bool)
        mask[self.parcel[entries]] = True
        return mask

    def counted(self, parcels: Any) -> Any:
        """Return how much of each need some parcels meet, as a mask."""
        return np.bincount(self.need, self.count * parcels[self.parcel], len(self.at_least))

    def saved_by(self, packed: Any) -> int:
        """Return what packing is worth, as a mask of parcels."""
        unmet = np.bincount(self.prize, self.counted(packed) < self.at_least, len(self.prizes))
        return int(self.worths[packed].sum() + self.prizes[unmet == 0].sum())


MOST = 2**50
"""What all is worth in a model at most, so that every sum of it, and its half, is exact."""


def unit_of(worths: Sequence[int], prizes: Sequence[Prize]) -> int:
    """Return how many cents one of a model stands for: one, but for sums beyond all merchants."""
    return -(-(sum(worths) + sum(prize.worth for prize in prizes)) // MOST) or 1


def model_of(
    worths: Sequence[int], shops: Sequence[int], prizes: Sequence[Prize], room: int, unit: int = 1
) -> Model:
    """Return the arrays of a question, without prizes that need nothing, or have no room.

    Worth is in ``unit`` cents, rounded up, so that a bound stays one.
    """
    live: list[Prize] = []
    of_prize: list[int] = []
    at_least: list[int] = []
    entries: list[tuple[int, int, int]] = []
    of_shop: list[int] = []
    for prize in prizes:
        needs = _binding(prize.needs)
        if not needs or any(not _fits(need, room) for need in needs):
            continue
        for counts, least in needs:
            entries += [(len(at_least), parcel, n) for parcel, n in counts.items()]
            of_prize.append(len(live))
            at_least.append(least)
        of_shop.append(shops[next(iter(needs[0].counts))])
        live.append(prize)
    worth = np.array([-(-worth // unit) for worth in worths], dtype=np.int64)
    prize_of = np.array(of_prize, dtype=np.int64)
    need, parcel, count = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    order = np.lexsort((-worth[parcel], need))
    return Model(
        room=room,
        worths=worth,
        shop=np.array(shops, dtype=np.int64),
        prizes=np.array([-(-prize.worth // unit) for prize in live], dtype=np.int64),
        wide=np.array([prize.wide for prize in live], dtype=bool),
        prize_shop=np.array(of_shop, dtype=np.int64),
        prize=prize_of,
        at_least=np.array(at_least, dtype=np.int64),
        parcel=parcel[order],
        need=need[order],
        count=count[order],
        of=prize_of[need[order]],
    )


def least_of(model: Model) -> Any:
    """Return how many parcels each prize needs at the least."""
    most = np.zeros(len(model.at_least), dtype=np.int64)
    np.maximum.at(most, model.need, model.count)
    least = np.zeros(len(model.prizes), dtype=np.int64)
    np.maximum.at(least, model.prize, -(-model.at_least // most))
    return least


def least_unshared(model: Model) -> Any:
    """Return how many parcels each prize needs at the least that no other of its kind needs."""
    wide = model.wide[model.of]
    shared = np.zeros(len(model.of), dtype=bool)
    for kind in (wide, ~wide):
        times = np.bincount(model.parcel[kind], minlength=len(model.worths))
        shared |= kind & (times > 1)[model.parcel]
    return least_of(model) - np.bincount(model.of, shared, len(model.prizes)).astype(np.int64)


def worth_of_met(prizes: Sequence[Prize]) -> int:
    """Return the worth of the prizes that need nothing."""
    return sum(prize.worth for prize in prizes if not _binding(prize.needs))


def _binding(needs: Sequence[Need]) -> list[Need]:
    """Return the needs that ask for something; of several of the same parcels the largest."""
    most: dict[frozenset[tuple[int, int]], Need] = {}
    for need in needs:
        # Two limits of the same orders: who meets the stricter one meets both.
        key = frozenset(need.counts.items())
        if need.at_least > 0 and (key not in most or most[key].at_least < need.at_least):
            most[key] = need
    return list(most.values())


def _fits(need: Need, room: int) -> bool:
    """Say whether the parcels that there is room for can meet a need."""
    return sum(sorted(need.counts.values(), reverse=True)[:room]) >= need.at_least
