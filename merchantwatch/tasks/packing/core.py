"""What prices decide → what is left open for an exact solver, and what it makes of that."""

from typing import Any

import numpy as np

from merchantwatch.tasks.packing.exact import Solved, solve
from merchantwatch.tasks.packing.model import Model
from merchantwatch.tasks.packing.prices import OPEN, Priced

_WITHIN = 2e-4
"""The exact solver need not come closer to the best than this share of the bound."""

_ENTRIES, _PARCELS = 500, 100
"""How many entries of prizes, and parcels, are open, or ``times`` as many: those that the price is
least sure of."""


def rounded(model: Model, priced: Priced, decided: Any, times: int = 1) -> Solved | None:
    """Return a choice near to what prices decide; None where there is no room for it."""
    of_open = _open_prizes(model, priced, decided, _ENTRIES * times)[model.of]
    sure = ~of_open & ~model.wide[model.of]
    paid = model.mask(sure & (priced.used == 1))
    near = np.zeros(len(model.worths), dtype=bool)
    # A parcel worth about the price may go either way.
    near[np.argsort(np.abs(priced.values), kind="stable")[: _PARCELS * times]] = True
    near |= model.mask(of_open | (sure & (priced.used > 0)))
    near &= ~paid
    taken = paid | ((priced.values > 0) & ~near)
    won = model.wide & priced.won
    _meet(model, priced, taken, near)
    _make_room(model, np.where(paid, _surplus(model, priced), priced.values), taken, near, won)
    # Never closer than one cent, the unit of the model.
    within = max(priced.bound * _WITHIN, 1.0)
    return solve(model, taken, near & ~taken, won, within)


def _surplus(model: Model, priced: Priced) -> Any:
    """Return by how much the prizes that pay for a parcel are worth more, for each of theirs."""
    size = np.bincount(model.prize, model.at_least, len(model.prizes))
    surplus = np.full(len(model.worths), -np.inf)
    paying = ~model.wide[model.of] & (priced.used > 0)
    of = model.of[paying]
    np.maximum.at(surplus, model.parcel[paying], priced.gains[of] / size[of])
    return surplus


def _open_prizes(model: Model, priced: Priced, decided: Any, most: int) -> Any:
    """Return a mask of the prizes nearest to being worth their parcels, without large ones."""
    entries = np.bincount(model.of, minlength=len(model.prizes))
    candidates = np.flatnonzero((decided == OPEN) & ~model.wide & (entries <= most // 4))
    nearest = candidates[np.argsort(np.abs(priced.gains[candidates]), kind="stable")]
    mask = np.zeros(len(model.prizes), dtype=bool)
    mask[nearest[np.cumsum(entries[nearest]) <= most]] = True
    return mask


def _meet(model: Model, priced: Priced, taken: Any, near: Any) -> None:
    """Take as many parcels for each won wide prize as it needs beyond what is open."""
    for need in np.flatnonzero((model.wide & priced.won)[model.prize]):
        entries = np.flatnonzero(model.need == need)
        parcel, count = model.parcel[entries], model.count[entries]
        # Of the open parcels the solver is expected to pack about half.
        half = count[near[parcel]].sum() // 2
        missing = model.at_least[need] - count[taken[parcel]].sum() - half
        rest = entries[~taken[parcel] & ~near[parcel]]
        rest = rest[np.argsort(-priced.values[model.parcel[rest]], kind="stable")]
        taken[model.parcel[rest[np.cumsum(model.count[rest]) <= missing]]] = True


def _make_room(model: Model, surplus: Any, taken: Any, near: Any, won: Any) -> None:
    """Leave open what is taken beyond the room, and what won prizes still need, the least first."""
    missing = np.maximum(model.at_least - model.counted(taken), 0) * won[model.prize]
    beyond = int(taken.sum() + missing.sum()) - model.room
    if beyond > 0:
        least = np.flatnonzero(taken & ~model.mask(missing[model.need] > 0))
        least = least[np.argsort(surplus[least], kind="stable")][: beyond + _PARCELS]
        taken[least], near[least] = False, True
