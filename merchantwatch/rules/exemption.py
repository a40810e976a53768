"""An exemption: what a platform has agreed not to count, or to count from a later moment."""

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Literal, NamedTuple

import msgspec

Basis = Literal["due", "paid", "created"]
"""Which time of a line must lie in the period of an exemption."""


class Target(NamedTuple):
    """What a line must match: every field that is given here; null matches every line."""

    order_id: str | None
    product_id: str | None
    region: str | None
    shop: str | None


class Exemption(msgspec.Struct, frozen=True):
    """One row of a file of exemptions.

    It applies to lines of one of the ``orders``, ``products``, ``regions`` and ``shops`` each, as
    far as these are named, whose time (``counted_by``) lies from ``since`` to ``until``, both
    included. It moves deadlines to ``extended_to`` or by ``extend_by`` seconds, and without either
    lifts hits; it has no effect before it is ``approved``.
    """

    row: int
    reason: str
    approved: bool
    orders: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    counted_by: Basis = "due"
    extended_to: datetime | None = None
    extend_by: int | None = None

    @property
    def lifts(self) -> bool:
        """Whether hits are lifted, rather than deadlines moved."""
        return self.extended_to is None and self.extend_by is None

    @property
    def targets(self) -> Iterator[Target]:
        """What a line may be of to be exempt."""
        named = (self.orders, self.products, self.regions, self.shops)
        for values in product(*(some or (None,) for some in named)):
            yield Target(*values)
