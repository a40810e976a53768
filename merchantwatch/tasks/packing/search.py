"""Large prizes, won or lost → the best choice that is found, and what no other saves more than.

Of the prizes of shops the menu names the choice with the highest bound. Prices are found for it,
and a choice of parcels near to them; other prizes of which these are unsure are tried both ways,
large ones first. Then the next choice of the menu, until none can save more.
"""

import heapq
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from merchantwatch.tasks.packing.core import rounded
from merchantwatch.tasks.packing.exact import Solved
from merchantwatch.tasks.packing.greedy import Greedy
from merchantwatch.tasks.packing.menu import Menu
from merchantwatch.tasks.packing.model import Model, least_unshared
from merchantwatch.tasks.packing.prices import LOST, OPEN, WON, Priced, Prices

_WORK, _MOST_PRICED, _MOST_SOLVED = 4_000_000, 60, 4
"""How many entries and parcels are priced in all, how many choices, and how many of these are made
choices of parcels by the exact solver: they bound the time."""

_CLOSE = 5e-4
"""A choice is good where no other can save more by this share."""

_MORE, _FAR = 2, 0.02
"""A choice of parcels that is not close is looked for once more, with this many times as much open;
where shops have prizes, the next choice among these is looked at instead. By a bound that is so far
from it nothing is gained: the bound is loose, since many orders have several products."""

_LARGE = 0.05
"""A prize that takes less of the room than this is left to the exact solver."""


class _Node(NamedTuple):
    """A choice among prizes with its prices; the highest bound comes first."""

    negative: float
    order: int
    decided: Any
    priced: Priced


class Search:
    """The choices of a model, and the best of those that were looked at."""

    def __init__(self, model: Model, effort: float = 1.0) -> None:
        """Begin with the most valuable parcels; ``effort`` is the share of the usual work to do."""
        self._model, self._prices = model, Prices(model)
        self._unshared = least_unshared(model)
        priced = min(_WORK / (len(model.worths) + len(model.parcel)), _MOST_PRICED)
        self._left, self._most_solved = round(priced * effort), max(round(_MOST_SOLVED * effort), 2)
        self._best = _filled(model, np.zeros(len(model.worths), dtype=bool))
        self._order, self._solved = 0, 0

    def best(self) -> Solved:
        """Return the best choice that was found, with the bound of all."""
        none_won = np.where(self._model.wide, LOST, OPEN)
        if self._model.wide.any():
            bound = self._of_shops(self._prices.lowest(none_won).price)
        else:
            bound, _ = self._decide(none_won)
        return replace(self._best, bound=max(bound, float(self._best.saved)))

    def _of_shops(self, price: float) -> float:
        """Look at choices among the prizes of shops; return the bound of all."""
        menu, looked_at = Menu(self._model, self._prices, price), 0.0
        while True:
            decided, bound = menu.next()
            spent = self._left <= 0 or self._solved >= self._most_solved
            # Menus give bounds in falling order, so that no later choice can save more.
            if bound <= max(self._enough, looked_at) or spent:
                return max(bound, looked_at)
            at_most, price = self._decide(decided)
            menu.add(price)
            looked_at = max(looked_at, min(bound, at_most))

    @property
    def _enough(self) -> float:
        return self._best.saved * (1 + _CLOSE)

    def _decide(self, decided: Any) -> tuple[float, float]:
        """Look at choices with the prizes of shops decided; return their bound, and a price."""
        first, sure = self._priced(decided, None), 0.0
        nodes = [first]
        while nodes and nodes[0].priced.bound > max(self._enough, sure):
            node = heapq.heappop(nodes)
            self._solve(node)
            within_reach = self._enough < node.priced.bound < self._best.saved * (1 + _FAR)
            if within_reach and not self._model.wide.any():
                self._solve(node, _MORE)
            prize = self._unsure(node.priced, node.decided)
            if prize is None or self._left <= 0:
                sure = max(sure, node.priced.bound)
                continue
            for way in self._both_ways(node.decided, prize):
                heapq.heappush(nodes, self._priced(way, node.priced))
        return max([sure, *(node.priced.bound for node in nodes[:1])]), first.priced.price

    def _priced(self, decided: Any, near: Priced | None) -> _Node:
        """Find prices for a choice among prizes."""
        self._left -= 1
        self._order += 1
        priced = self._prices.lowest(decided, near, self._enough)
        return _Node(-priced.bound, self._order, decided, priced)

    def _solve(self, node: _Node, times: int = 1) -> None:
        """Find a choice of parcels near to the prices of a choice among prizes."""
        if self._solved >= self._most_solved:
            return
        self._solved += 1
        solved = rounded(self._model, node.priced, node.decided, times)
        if solved is not None:
            self._store_best(solved.packed)
        # Where no parcel is shared, a look at prizes one by one finds no more than prices do.
        if self._prices.shared:
            wages = node.priced.values + node.priced.price - self._model.worths
            won = self._model.wide & node.priced.won
            self._store_best(Greedy(self._model, wages, won).run())

    def _store_best(self, packed: Any) -> None:
        """Fill the room that a choice leaves, and store it where it is the best so far."""
        self._best = max(self._best, _filled(self._model, packed), key=_saved)

    def _unsure(self, at: Priced, decided: Any) -> int | None:
        """Return the largest prize that may be won or lost in the best choice, if there is one."""
        slack = at.bound - self._best.saved
        large = self._unshared > self._model.room * _LARGE
        unsure = np.flatnonzero((decided == OPEN) & large & (np.abs(at.gains) < slack))
        if not len(unsure):
            return None
        likely = self._unshared[unsure] * (1 - np.abs(at.gains[unsure]) / slack)
        return int(unsure[np.argmax(likely)])

    def _both_ways(self, decided: Any, prize: int) -> list[Any]:
        """Return a choice without and with a prize; what then has no room is lost."""
        lost, won = decided.copy(), decided.copy()
        lost[prize], won[prize] = LOST, WON
        left = self._model.room - self._unshared[~self._model.wide & (won == WON)].sum()
        won[(won == OPEN) & (self._unshared > left)] = LOST
        return [lost, won] if left >= 0 else [lost]


def _saved(solved: Solved) -> int:
    return solved.saved


def _filled(model: Model, packed: Any) -> Solved:
    """Return a choice with the most valuable parcels in the room that it leaves."""
    packed, rest = packed.copy(), np.flatnonzero(~packed)
    by_worth = rest[np.argsort(-model.worths[rest], kind="stable")]
    packed[by_worth[: model.room - int(packed.sum())]] = True
    saved = model.saved_by(packed)
    return Solved(packed, saved, float(saved))
