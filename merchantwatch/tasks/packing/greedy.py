"""One prize after the other, by what each saves for every parcel that it still needs.

Where orders have several products, packing for one prize leaves less to pack for others, which no
price of a single parcel sees.
"""

from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any

import numpy as np

from merchantwatch.tasks.packing.model import Model


class Greedy:
    """A choice that grows: the parcels that are ``packed`` so far."""

    def __init__(self, model: Model, bonus: Any, won: Any) -> None:
        """Begin with nothing; ``bonus`` is paid for parcels, and wide prizes ``won`` have room."""
        self.packed = np.zeros(len(model.worths), dtype=bool)
        self._model, self._values = model, model.worths + bonus
        self._wide = np.flatnonzero(won[model.prize]).tolist()
        starts = np.searchsorted(model.need, np.arange(len(model.at_least) + 1))
        self._entries = [slice(*pair) for pair in pairwise(starts.tolist())]
        self._needs = [
            np.flatnonzero(model.prize == one).tolist() for one in range(len(model.prizes))
        ]
        by_parcel = np.argsort(model.parcel, kind="stable")
        self._of = model.of[by_parcel]
        self._places = np.searchsorted(model.parcel[by_parcel], np.arange(len(model.worths) + 1))

    def run(self) -> Any:
        """Win prizes while there is room, and return the mask of the parcels that are packed."""
        model = self._model
        prizes = np.flatnonzero(~model.wide).tolist()
        queue = [(-self._density(one), one) for one in prizes]
        known = {one: negative for negative, one in queue}
        heapify(queue)
        while queue:
            negative, prize = heappop(queue)
            if known.get(prize) != negative:
                continue  # an outdated entry: it was valued again since
            del known[prize]
            parcels = self._missing(prize)
            if len(parcels) > self._room(parcels):
                continue
            self.packed[parcels] = True
            for other in self._sharing(parcels):
                if other in known:
                    known[other] = -self._density(other)
                    heappush(queue, (known[other], other))
        for need in self._wide:
            self.packed[self._short(need)] = True
        return self.packed

    def _density(self, prize: int) -> float:
        parcels = self._missing(prize)
        saved = self._model.prizes[prize] + self._values[parcels].sum()
        # A prize whose parcels are packed for others is free, and comes first.
        return float(saved / max(len(parcels), 1e-9))

    def _missing(self, prize: int) -> Any:
        """Return the parcels that a prize needs besides those that are packed, the best first."""
        found = [self._short(need) for need in self._needs[prize]]
        return found[0] if len(found) == 1 else np.unique(np.concatenate(found))

    def _short(self, need: int) -> Any:
        entries = self._entries[need]
        parcels, counts = self._model.parcel[entries], self._model.count[entries]
        packed = self.packed[parcels]
        missing = self._model.at_least[need] - counts[packed].sum()
        parcels, counts = parcels[~packed], counts[~packed]
        order = np.argsort(-self._values[parcels], kind="stable")
        before = np.cumsum(counts[order]) - counts[order]
        return parcels[order[before < missing]]

    def _room(self, more: Any) -> int:
        """Return the room left with more packed, less what won wide prizes still need."""
        packed = self.packed.copy()
        packed[more] = True
        reserved = sum(
            max(int(self._model.at_least[need] - self._counted(need, packed)), 0)
            for need in self._wide
        )
        return self._model.room - int(self.packed.sum()) - reserved

    def _counted(self, need: int, packed: Any) -> int:
        entries = self._entries[need]
        return int(self._model.count[entries][packed[self._model.parcel[entries]]].sum())

    def _sharing(self, parcels: Any) -> list[int]:
        """Return the prizes that count any of some parcels."""
        of = [self._of[self._places[p] : self._places[p + 1]] for p in parcels]
        return np.unique(np.concatenate(of)).tolist() if of else []
