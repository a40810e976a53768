"""A shop whose orders are of one product each → what a number of its parcels saves.

A prize of the shop that counts all its parcels is won from a number of them on. Where it counts
only some, these are paid a *wage*, so that they are packed before others: no choice of as many
parcels that wins the prize saves more than this one does with its wages, less the wages of as many
as the prize needs. For a number of parcels the wage is looked for at which just enough count.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from merchantwatch.tasks.packing.curves import NEVER, Curve, either, joined, lot
from merchantwatch.tasks.packing.model import Model, least_of

_MOST_WAGES = 4
"""How many wages are tried each time that they are looked for."""


class _Product(Struct, frozen=True):
    """Some parcels, and the prize that is won by a number of them; 0 and 0 without."""

    parcels: Any
    at_least: int = 0
    prize: int = 0


class Shop:
    """What a number of a shop's parcels surely saves (``sure``), and what it saves ``at_most``."""

    def __init__(self, model: Model, number: int) -> None:
        self._model = model
        prizes = np.flatnonzero(model.prize_shop == number)
        self._products = list(_products(model, number, prizes[~model.wide[prizes]]))
        self._counts = np.zeros(len(model.worths), dtype=np.int64)
        self.sure = self._curve(0)
        self._lost = self.at_most = self.sure.values
        self._paid: dict[int, Curve] = {}
        for prize in prizes[model.wide[prizes]]:
            entries = model.of == prize
            self._counts[model.parcel[entries]] = model.count[entries]
            self._need, self._worth = int(model.at_least[prize]), int(model.prizes[prize])
            # With fewer parcels the prize is lost, whatever the wage is.
            self._won = np.full(len(self.at_most), -NEVER)
            self._won[: least_of(model)[prize]] = NEVER
            # Without a wage what counts is chance; with the highest one it comes before all else.
            for wage in (0, -NEVER // 2 // max(int(self._counts.sum()), 1)):
                self._pay(wage)

    def pay_for(self, number: int) -> bool:
        """Look for the wage of a number of parcels; say whether one was found that is new.

        What the prize and a wage save at most is convex in the wage, and each choice says how it
        slopes: so it is least where the lines of two choices cross, of which one has too few
        parcels that count and one enough (the cutting planes of Kelley).
        """
        known = len(self._paid)
        for _ in range(_MOST_WAGES):
            if self.at_most[number] <= self.sure.values[number]:
                break
            wages = sorted(self._paid)
            enough = [self._paid[wage].counted[number] >= self._need for wage in wages]
            if all(enough) or not any(enough):
                break
            more = self._paid[wages[enough.index(True)]]
            less = self._paid[wages[enough.index(True) - 1]]
            costs = less.values[number] - more.values[number]
            wage = int(costs) // int(more.counted[number] - less.counted[number])
            if wage in self._paid:
                break
            self._pay(wage)
        return len(self._paid) > known

    def _pay(self, wage: int) -> None:
        """Know more of what is saved with the prize, by the choices that a wage leads to."""
        paid = self._curve(wage)
        saved = replace(paid, values=paid.values - wage * paid.counted)
        won = np.where(saved.counted >= self._need, saved.values + self._worth, NEVER)
        self._paid[wage] = saved
        self.sure = either(self.sure, replace(saved, values=won))
        self._won = np.minimum(self._won, paid.values - wage * self._need + self._worth)
        self.at_most = np.maximum(self._lost, self._won)

    def _curve(self, wage: int) -> Curve:
        """Return what its parcels save by their number, with a wage for each that counts."""
        curves = []
        for product in self._products:
            counts = self._counts[product.parcels]
            worths = self._model.worths[product.parcels] + wage * counts
            one = lot(product.parcels, worths, counts, self._model.room)
            one.values[product.at_least :] += product.prize
            curves.append(one)
        return joined(curves, self._model.room)


def _products(model: Model, number: int, prizes: Any) -> Iterator[_Product]:
    """Yield the products of a shop, and its parcels that are of none."""
    rest = model.shop == number
    for prize in prizes:
        parcels = model.parcel[model.of == prize]
        rest[parcels] = False
        yield _Product(parcels, int(model.at_least[prize]), int(model.prizes[prize]))
    yield _Product(np.flatnonzero(rest))
