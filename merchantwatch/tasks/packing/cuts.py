"""Where a bound is known, and how it slopes there → where it may be lowest."""

from typing import TYPE_CHECKING, Any

import numpy as np

from merchantwatch.tasks.packing.exact import silent
from merchantwatch.tasks.packing.model import Model

if TYPE_CHECKING:
    from merchantwatch.tasks.packing.prices import Priced


class Cuts:
    """A picture of the bound from below: of each shop a plane through each known place."""

    def __init__(self, model: Model, waged: Any) -> None:
        self._model, self._waged = model, waged
        self._of_shop = model.prize_shop[model.prize[waged]]
        self._highest = float(model.worths.max(initial=0) + model.prizes.max(initial=0)) + 1
        self._solver = silent()
        none: list[int] = []
        # Columns in order: the price, a wage for each need, the part of each shop.
        self._solver.addCol(float(model.room), 0.0, self._highest, 0, none, none)
        for _ in waged:
            self._solver.addCol(0.0, 0.0, self._highest, 0, none, none)
        for _ in range(model.shops):
            self._solver.addCol(1.0, -np.inf, np.inf, 0, none, none)

    def add(self, at: "Priced") -> None:
        """Add the planes at a place: elsewhere a part is at least what it is there as it slopes."""
        for shop in range(self._model.shops):
            places = np.flatnonzero(self._of_shop == shop)
            needs = self._waged[places]
            slopes = np.concatenate([[at.by_price[shop]], at.by_wage[needs]])
            place = np.concatenate([[at.price], at.wages[needs]])
            columns = [0, *(1 + places).tolist(), 1 + len(self._waged) + shop]
            least = float(at.parts[shop] - slopes @ place)
            self._solver.addRow(least, np.inf, len(columns), columns, [*-slopes, 1.0])

    def lowest(self) -> tuple[float, Any, float]:
        """Return the price and the wages where the bound may be lowest, and how low it may be."""
        self._solver.run()
        values = np.array(self._solver.getSolution().col_value)
        wages = np.zeros(len(self._model.at_least))
        wages[self._waged] = values[1 : 1 + len(self._waged)]
        return float(values[0]), wages, self._solver.getInfo().objective_function_value
