"""A price for a parcel, and wages of wide prizes → an upper bound, and what it decides.

At a *price*, a parcel that is worth more pays for itself; what another falls short of is paid by
the prizes that need it, or it is not packed. So each prize is decided by itself: it is won where it
is worth more than the parcels that it pays for. Whatever the price is, the sum is an upper bound
(of Lagrange); the lowest is looked for.

A wide prize, that of a whole shop, needs the parcels of others. It is decided beforehand: one that
is to be won pays a *wage* for each of these parcels that is packed, and pays it less for as many as
it needs.
"""

from typing import Any

import numpy as np
from msgspec import Struct

from merchantwatch.tasks.packing.cuts import Cuts
from merchantwatch.tasks.packing.model import Model

OPEN, LOST, WON = -1, 0, 1
"""Of a prize: not decided beforehand, given up, or to be won."""

_TRIES, _CLOSE = 60, 1e-6
"""How often a price is tried, and within which share of the lowest bound one is good."""

_HALVINGS = 8
"""How often the interval of a wage is halved."""

_STEPS = (0.7, 0.5, 0.5, 0.3, 0.3, 0.2, 0.2)
"""How far the shares of a parcel are shifted, each time."""


class Priced(Struct, frozen=True, eq=False):
    """The bound at some prices, of which each shop has a part, besides the price of the room.

    ``gains`` is what each prize is worth beyond what it pays, ``won`` whether it is, ``used`` which
    share of each entry it pays for then, and ``values`` what packing each parcel is worth beyond
    the price, with wages. The slopes of the bound are ``by_price``, of each shop, and ``by_wage``.
    """

    bound: float
    parts: Any
    price: float
    wages: Any
    gains: Any
    won: Any
    used: Any
    values: Any
    by_price: Any
    by_wage: Any


class Prices:
    """The bounds of a model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        of_wide = model.wide[model.of]
        self._wide, self._others = np.flatnonzero(of_wide), np.flatnonzero(~of_wide)
        self._wide_parcel, self._parcel = model.parcel[of_wide], model.parcel[~of_wide]
        sharing = np.bincount(self._parcel, minlength=len(model.worths))
        self._shares = 1 / sharing[self._parcel]
        self.shared = bool((sharing > 1).any())
        self._first = np.searchsorted(model.need, np.arange(len(model.at_least)))

    def waged(self, decided: Any) -> Any:
        """Return a mask of the needs that have a wage: those of wide prizes that are to be won."""
        prize = self.model.prize
        return (self.model.wide & (decided == WON))[prize]

    def lowest(self, decided: Any, near: Priced | None = None, enough: float = 0.0) -> Priced:
        """Return the lowest bound for prizes so ``decided``; it is looked for from a near one on.

        Where prizes share parcels, those that use one come to pay more of it, step by step. A bound
        that is low ``enough`` need not be the lowest.
        """
        best = self._lowest(decided, near, enough)
        for step in _STEPS if self.shared else ():
            if best.bound <= enough:
                break
            shares = self._shares
            self._shares = self._shifted(best.used[self._others], step)
            at = self._lowest(decided, best, enough)
            if at.bound < best.bound:
                best = at
            else:
                self._shares = shares
        return best

    def _shifted(self, used: Any, step: float) -> Any:
        """Return the shares of parcels, shifted by a step towards the prizes that use them."""
        users = np.bincount(self._parcel, used, len(self.model.worths))[self._parcel]
        of_users = np.divide(used, users, out=self._shares.copy(), where=users > 0)
        return self._shares + step * (of_users - self._shares)

    def wages(self, price: float) -> tuple[Any, Any]:
        """Return good wages at a price, were all wide prizes won, and the parts of the bound then.

        All wages are found at once, by halved intervals.
        """
        decided = np.where(self.model.wide, WON, OPEN)
        low = np.zeros(len(self.model.at_least))
        high = np.where(self.waged(decided), price, 0.0)
        parts = np.full(self.model.shops, np.inf)
        for _ in range(_HALVINGS):
            at = self.at(price, (low + high) / 2, decided)
            parts = np.minimum(parts, at.parts)
            falling = at.by_wage < 0
            low, high = np.where(falling, at.wages, low), np.where(falling, high, at.wages)
        return (low + high) / 2, parts

    def _lowest(self, decided: Any, near: Priced | None, enough: float) -> Priced:
        """Return the lowest bound with shares as they are.

        The bound is convex: each place where it is known says how low it may be elsewhere, and the
        next is tried where it may be lowest (the cutting planes of Kelley), of each shop apart.
        """
        waged = self.waged(decided)
        cuts = Cuts(self.model, np.flatnonzero(waged))
        price = near.price if near else 0.0
        wages = np.where(waged, near.wages if near else 0.0, 0.0)
        best = at = self.at(price, wages, decided)
        for _ in range(_TRIES):
            cuts.add(at)
            price, wages, least = cuts.lowest()
            if best.bound <= enough or least >= best.bound * (1 - _CLOSE):
                break
            at = self.at(price, wages, decided)
            best = at if at.bound < best.bound else best
        return best

    def at(self, price: float, wages: Any, decided: Any) -> Priced:
        """Return the bound at a price and at wages; where no prize is to be won these are 0."""
        model, parcels = self.model, len(self.model.worths)
        wage = wages[model.need[self._wide]] * model.count[self._wide]
        values = model.worths - price + np.bincount(self._wide_parcel, wage, parcels)
        short = np.maximum(-values, 0)
        paid = np.zeros(len(model.parcel))
        paid[self._others] = self._shares * short[self._parcel]
        used = self._cheapest(paid)
        gains = model.prizes - np.bincount(model.of, paid * used, len(model.prizes))
        gains -= np.bincount(model.prize, wages * model.at_least, len(model.prizes))
        won = np.where(decided == OPEN, (gains > 0) & ~model.wide, decided == WON)
        used *= won[model.of]
        packed = np.where(values > 0, 1.0, 0.0)
        pays = used[self._others] * self._shares * (values <= 0)[self._parcel]
        packed += np.bincount(self._parcel, pays, parcels)
        parts = np.bincount(model.shop, np.maximum(values, 0), model.shops)
        parts = parts + np.bincount(model.prize_shop[won], gains[won], model.shops)
        by_wage = np.bincount(
            model.need[self._wide],
            model.count[self._wide] * packed[self._wide_parcel],
            len(wages),
        )
        by_wage = by_wage - model.at_least
        by_price = -np.bincount(model.shop, packed, model.shops)
        bound = float(price * model.room + parts.sum())
        return Priced(bound, parts, price, wages, gains, won, used, values, by_price, by_wage)

    def _cheapest(self, paid: Any) -> Any:
        """Return which share of each entry is among the cheapest that meet its need."""
        model = self.model
        each = paid / model.count
        # They are sorted by need, and nearly by this: one stable sort of one key is fast.
        order = np.argsort(model.need + each / (each.max(initial=0) * 1.01 + 1), kind="stable")
        count, need = model.count[order], model.need[order]
        counted = np.cumsum(count)
        before = counted - count
        before -= before[self._first][need]
        used = np.empty(len(order))
        used[order] = np.clip((model.at_least[need] - before) / count, 0, 1)
        return used
