"""An exemption: lines that a platform has agreed not to count, or to count by a later deadline."""

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Literal, NamedTuple

import msgspec

Basis = Literal["due", "paid", "created"]
"""Which time of a line must lie in the period of an exemption."""


class Target(NamedTuple):
    """What a line must match to be exempt: every field that is not null."""

    order_id: str | None
    product_id: str | None
    region: str | None
    shop: str | None


class Exemption(msgspec.Struct, frozen=True):
    """One row of a file of exemptions.

    It applies to lines of one of the ``orders``, one of the ``products``, one of the ``regions``
    and one of the ``shops`` (of each that is named), whose time by ``counted_by`` lies between
    ``since`` and ``until``, both included. It moves deadlines to ``extended_to`` or by
    ``extend_by`` seconds; without either it lifts hits. It has no effect until it is ``approved``.
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
        """Every combination of what the exemption names; a line must match one of them."""
        named = (self.orders, self.products, self.regions, self.shops)
        for values in product(*(names or (None,) for names in named)):
            # What it does not name is null, which every line matches.
            yield Target(*values)
