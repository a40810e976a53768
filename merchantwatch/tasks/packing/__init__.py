"""Which parcels to pack so that the least is lost: the best there is, or one with a proved bound.

Packing is worth what it saves of each parcel, and the prizes that are won where enough of some
parcels are packed. One price for a parcel decides nearly all of it (``prices``), an exact solver
the few that this leaves open (``core``, ``exact``). A large prize of which the price is unsure is
tried both ways (``search``), prizes of whole shops by a menu of what each costs (``menu``).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from merchantwatch.tasks.packing.exact import solve
from merchantwatch.tasks.packing.model import Model, Need, Packed, Prize, model_of, worth_of_met
from merchantwatch.tasks.packing.search import Search

__all__ = ["Need", "Packed", "Prize", "pack"]

_SMALL = 400
"""With no more parcels and entries than this the solver has all of them."""


def pack(worths: Sequence[int], shops: Sequence[int], prizes: Sequence[Prize], room: int) -> Packed:
    """Return which parcels to pack, at most ``room``.

    ``worths`` is what packing each parcel saves, in cents, ``shops`` whose each is. The answer is
    the best where ``saved`` is the ``bound``; no other can save more than that.
    """
    model, free = model_of(worths, shops, prizes, room), worth_of_met(prizes)
    packed, bound = _best(model)
    saved = model.saved_by(packed)
    parcels = tuple(np.flatnonzero(packed).tolist())
    return Packed(parcels, saved + free, max(saved, int(bound + 0.01)) + free)


def _best(model: Model) -> tuple[Any, float]:
    """Return a mask of the parcels to pack, and what no choice can save more than."""
    everything = np.ones(len(model.worths), dtype=bool)
    if len(everything) <= model.room:
        return everything, float(model.saved_by(everything))
    if len(everything) + len(model.parcel) <= _SMALL:
        solved = solve(model, ~everything, everything)
        if solved is not None:
            return solved.packed, solved.bound
    found, bound = Search(model).best()
    return found.packed, bound
