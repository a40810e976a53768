"""Of each shop what it saves at most without and with its own prize, at some prices.

Shops have nothing in common but the room. So at a price, the bound of any choice among their prizes
is a sum of these; the choice with the highest bound is found among all of them by HiGHS.
"""

from typing import Any

import numpy as np

from merchantwatch.tasks.packing.exact import LARGEST, silent
from merchantwatch.tasks.packing.model import Model, least_of
from merchantwatch.tasks.packing.prices import LOST, OPEN, WON, Prices

_REFINED = 6
"""How many prices are tried near the best one."""

_AROUND = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""The first prices, by the one at which no prize of a shop is won."""

_MOST_NODES = 2000


class Menu:
    """The choices among the prizes of shops, the highest bound first."""

    def __init__(self, model: Model, prices: Prices, price: float) -> None:
        self._model, self._prices = model, prices
        self._wide = np.flatnonzero(model.wide)
        self._rows: list[tuple[float, Any, Any]] = []
        self._tried: list[Any] = []
        for factor in _AROUND:
            self.add((price + 1) * factor)
        for _ in range(_REFINED):
            self.add(self._between())

    def add(self, price: float) -> None:
        """Add what shops save at a price, as good wages show it."""
        model, prices = self._model, self._prices
        decided = np.where(model.wide, LOST, OPEN)
        without = prices.at(price, np.zeros(len(model.at_least)), decided).parts
        _, with_it = prices.wages(price)
        shops = model.prize_shop[self._wide]
        base = price * model.room + without.sum()
        self._rows.append((price, base, (with_it - without)[shops]))
        self._rows.sort(key=lambda row: row[0])

    def _between(self) -> float:
        """Return a price on the wider side of the one with the lowest bound of all choices."""
        bounds = [base + np.maximum(more, 0).sum() for _, base, more in self._rows]
        # Of a convex bound the minimum lies next to the lowest known place.
        lowest = int(np.argmin(bounds))
        known = [0.0, *(price for price, _, _ in self._rows), self._rows[-1][0] * 2]
        below, here, above = known[lowest : lowest + 3]
        return (here + above) / 2 if above - here > here - below else (below + here) / 2

    def next(self) -> tuple[Any, float]:
        """Return the choice with the highest bound of those that were not tried, and this bound."""
        wide = len(self._wide)
        solver, none = silent(), list[int]()
        scale = max(abs(base) for _, base, _ in self._rows) / LARGEST or 1.0
        solver.addCol(-1.0, -np.inf, np.inf, 0, none, none)
        least = least_of(self._model)[self._wide]
        for _ in range(wide):
            solver.addCol(0.0, 0.0, 1.0, 0, none, none)
        columns = np.arange(1 + wide)
        solver.changeColsIntegrality(wide, columns[1:].astype(np.int32), _integers(wide))
        for _, base, more in self._rows:
            solver.addRow(-np.inf, base / scale, 1 + wide, columns, [1.0, *(-more / scale)])
        solver.addRow(-np.inf, float(self._model.room), wide, columns[1:], least.astype(float))
        for tried in self._tried:
            # At least one prize is to be other than in each choice that was tried.
            signs = np.where(tried, -1.0, 1.0)
            solver.addRow(1.0 - tried.sum(), np.inf, wide, columns[1:], signs)
        solver.setOptionValue("mip_max_nodes", _MOST_NODES)
        solver.run()
        info = solver.getInfo()
        decided = np.where(self._model.wide, LOST, OPEN)
        if not info.primal_solution_status:
            return decided, 0.0
        chosen = np.array(solver.getSolution().col_value)[1 : 1 + wide] > 1 / 2
        decided[self._wide[chosen]] = WON
        self._tried.append(chosen)
        # HiGHS minimises here, so its bound has the other sign.
        return decided, -info.mip_dual_bound * scale


def _integers(count: int) -> Any:
    from highspy import HighsVarType

    return np.full(count, HighsVarType.kInteger)
