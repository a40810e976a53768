"""Which parcels to pack so that the least is lost: the best there is, or one with a proved bound.

Packing is worth what it saves of each parcel, and the prizes that are won where enough of some
parcels are packed. Where each parcel counts towards one product at most, the best choice is known
for every number of parcels (``nested``, ``shops``, ``curves``). Else one price for a parcel decides
nearly all (``prices``), an exact solver the few that this leaves open (``core``, ``exact``). A
large prize of which the price is unsure is tried both ways (``search``), prizes of whole shops by a
menu of what each costs (``menu``).
"""

from collections.abc import Sequence, Set as AbstractSet

import numpy as np

from merchantwatch.tasks.packing.exact import Solved, solve
from merchantwatch.tasks.packing.model import (
    Model,
    Need,
    Packed,
    Prize,
    model_of,
    unit_of,
    worth_of_met,
)
from merchantwatch.tasks.packing.nested import best_nested, is_nested
from merchantwatch.tasks.packing.search import Search

__all__ = ["Need", "Packed", "Prize", "pack"]

_SMALL = 400
"""With no more parcels and entries than this the solver has all of them."""


_LESS = 0.25
"""The effort spent on further rooms, which only show what more room is worth."""


_ROUNDING = 0.01
"""By how much a bound may miss a whole number, since floats have few digits."""


def pack(
    worths: Sequence[int], shops: Sequence[int], prizes: Sequence[Prize], *rooms: int
) -> list[Packed]:
    """Return for each room which parcels to pack, at most that many; the first room is the plan.

    ``worths`` is what packing each parcel saves, in cents, ``shops`` the shop of each. An answer is
    the best where ``saved`` is the ``bound``; no other can save more than that.
    """
    unit, free = unit_of(worths, prizes), worth_of_met(prizes)
    models = [model_of(worths, shops, prizes, room, unit) for room in rooms]
    nested = _nested([model for model in models if model.room < len(worths)])
    found = []
    for place, model in enumerate(models):
        solved = _best(model, nested.get(model.room), _LESS if place else 1.0)
        parcels = np.flatnonzero(solved.packed).tolist()
        # In plain integers, since a unit may stand for many cents.
        saved = _saved(worths, prizes, parcels)
        bound = int(solved.bound + _ROUNDING) * unit + free
        found.append(Packed(tuple(parcels), saved, max(saved, bound)))
    return found


def _nested(models: Sequence[Model]) -> dict[int, Solved]:
    """Return for each room a choice that numbers decide, if they decide all there is."""
    widest = max(models, key=lambda model: model.room, default=None)
    if widest is None or not is_nested(widest):
        return {}
    rooms = [model.room for model in models]
    return dict(zip(rooms, best_nested(widest, rooms), strict=True))


def _best(model: Model, nested: Solved | None, effort: float) -> Solved:
    """Return the best choice, or one near to it with what no other can save more than."""
    everything = np.ones(len(model.worths), dtype=bool)
    if len(everything) <= model.room:
        saved = model.saved_by(everything)
        return Solved(everything, saved, float(saved))
    small = len(everything) + len(model.parcel) <= _SMALL
    if nested is not None and (nested.saved == nested.bound or not small):
        return nested
    best = solve(model, ~everything, everything) if small else None
    return best or Search(model, effort).best()


def _saved(worths: Sequence[int], prizes: Sequence[Prize], parcels: Sequence[int]) -> int:
    """Return what packing is worth to the cent, however large the sums are."""
    packed = set(parcels)
    won = sum(prize.worth for prize in prizes if all(_met(need, packed) for need in prize.needs))
    return won + sum(worths[parcel] for parcel in parcels)


def _met(need: Need, packed: AbstractSet[int]) -> bool:
    return sum(n for parcel, n in need.counts.items() if parcel in packed) >= need.at_least
