"""A suppression: findings that a merchant knows of, and does not want to see until a day."""

from datetime import date
from typing import NamedTuple

import msgspec


class Place(NamedTuple):
    """What every line behind a finding must match: every field that is not null.

    ``order`` may also be the id of a line.
    """

    order: str | None
    product: str | None
    carrier: str | None
    shop: str | None


class Suppression(msgspec.Struct, frozen=True):
    """One entry of the file of suppressions, the ``number``-th; ``until`` is its last day.

    ``rule`` is a code, the beginning of codes, or a name; without it the entry covers every rule.
    """

    number: int
    reason: str
    until: date
    owner: str | None = None
    rule: str | None = None
    order: str | None = None
    product: str | None = None
    carrier: str | None = None
    shop: str | None = None

    @property
    def place(self) -> Place:
        """What it names apart from the rule."""
        return Place(self.order, self.product, self.carrier, self.shop)

    def holds_on(self, day: date) -> bool:
        """Say whether the entry is in force on a day; on its last day it still is."""
        return day <= self.until
