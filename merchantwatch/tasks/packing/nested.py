"""Orders of one product each, products of one shop each → the best choice, or one close to it.

Here all is decided by numbers: what each shop saves with a number of its parcels (``shops``), and
how the room is divided between the shops (``division``). What a shop saves at most is found first
where its prize is easily won or lost, and then for the numbers that the best division has.
"""

from collections.abc import Sequence

import numpy as np

from merchantwatch.tasks.packing.division import divided
from merchantwatch.tasks.packing.exact import Solved
from merchantwatch.tasks.packing.model import Model
from merchantwatch.tasks.packing.shops import Shop

_MOST_WAYS = 1_000_000_000
"""With more parcels times room than this there are too many ways to divide the room."""

_CLOSE, _ROUNDS = 5e-4, 16
"""A division is good where no other can save more by this share; how many are looked at."""


def is_nested(model: Model) -> bool:
    """Say whether parcels count once, towards one product at most, and each prize is one need."""
    of_products = ~model.wide[model.of]
    towards = np.bincount(model.parcel[of_products], minlength=len(model.worths))
    once = (towards <= 1).all() and (model.count[of_products] == 1).all()
    single = len(model.at_least) == len(model.prizes)
    return bool(once and single and len(model.worths) * model.room <= _MOST_WAYS)


def best_nested(model: Model, rooms: Sequence[int]) -> list[Solved]:
    """Return for each room, up to that of the model, a choice that is close to the best.

    It is the best where the prizes of shops count all their parcels, or there are none.
    """
    shops = [Shop(model, number) for number in range(model.shops)]
    found = []
    for room in rooms:
        bound = _bound(shops, room)
        packed = np.zeros(len(model.worths), dtype=bool)
        _, numbers = divided([shop.sure.values for shop in shops], room)
        for shop, number in zip(shops, numbers, strict=True):
            packed[np.concatenate(shop.sure.pick(number))] = True
        found.append(Solved(packed, model.saved_by(packed), bound))
    return found


def _bound(shops: Sequence[Shop], room: int) -> float:
    """Return what no choice saves more than, after shops have come close to it, if they can."""
    bound = np.inf
    for _ in range(_ROUNDS):
        bound, numbers = divided([shop.at_most for shop in shops], room)
        sure = sum(int(shop.sure.values[n]) for shop, n in zip(shops, numbers, strict=True))
        if bound <= sure * (1 + _CLOSE):
            break
        if not sum(shop.pay_for(n) for shop, n in zip(shops, numbers, strict=True)):
            break
    return bound
