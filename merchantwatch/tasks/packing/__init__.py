"""Which parcels to pack so that the least is lost: the best there is, or one with a proved bound.

Packing is worth what it saves of each parcel, and the prizes that are won where enough of some
parcels are packed. Where each parcel counts towards one product at most, the best of so many
parcels is known for every number (``nested``, ``shops``, ``curves``). Else one price for a parcel
decides nearly all (``prices``), an exact solver the few that this leaves open (``core``,
``exact``). A large prize of which the price is unsure is tried both ways (``search``), prizes of
whole shops by a menu of what each costs (``menu``).
"""

from collections.abc import Sequence

import numpy as np

from merchantwatch.tasks.packing.exact import Solved, solve
from merchantwatch.tasks.packing.model import Model, Need, Packed, Prize, model_of, worth_of_met
from merchantwatch.tasks.packing.nested import best_nested, is_nested
from merchantwatch.tasks.packing.search import Search

__all__ = ["Need", "Packed", "Prize", "pack"]

_SMALL = 400
"""With no more parcels and entries than this the solver has all of them."""


def pack(
    worths: Sequence[int], shops: Sequence[int], prizes: Sequence[Prize], *rooms: int
) -> list[Packed]:
    """Return for each room which parcels to pack, at most so many.

    ``worths`` is what packing each parcel saves, in cents, ``shops`` whose each is. An answer is
    the best where ``saved`` is the ``bound``; no other can save more than that.
    """
    free = worth_of_met(prizes)
    models = [model_of(worths, shops, prizes, room) for room in rooms]
    nested = _nested([model for model in models if model.room < len(worths)])
    return [_packed(model, _best(model, nested.get(model.room)), free) for model in models]


def _nested(models: Sequence[Model]) -> dict[int, Solved]:
    """Return for each room a choice that numbers decide, if they decide all there is."""
    widest = max(models, key=lambda model: model.room, default=None)
    if widest is None or not is_nested(widest):
        return {}
    rooms = [model.room for model in models]
    return dict(zip(rooms, best_nested(widest, rooms), strict=True))


def _best(model: Model, nested: Solved | None) -> Solved:
    """Return the best choice, or one near to it with what no other can save more than."""
    everything = np.ones(len(model.worths), dtype=bool)
    if len(everything) <= model.room:
        saved = model.saved_by(everything)
        return Solved(everything, saved, float(saved))
    small = len(everything) + len(model.parcel) <= _SMALL
    if nested is not None and (nested.saved == nested.bound or not small):
        return nested
    return (solve(model, ~everything, everything) if small else None) or Search(model).best()


def _packed(model: Model, solved: Solved, free: int) -> Packed:
    saved = model.saved_by(solved.packed)
    parcels = tuple(np.flatnonzero(solved.packed).tolist())
    return Packed(parcels, saved + free, max(saved, int(solved.bound + 0.01)) + free)
