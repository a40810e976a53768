"""A suppression: what a merchant knows of, and does not want to hear of until a day."""

from datetime import date
from typing import NamedTuple

import msgspec


class Place(NamedTuple):
    """What every line behind a finding must be of: all that is named; null fits every line.

    ``order`` may also be the id of a line.
    """

    order: str | None
    product: str | None
    carrier: str | None
    shop: str | None


class Suppression(msgspec.Struct, frozen=True):
    """One entry of the file of suppressions, the ``number``-th; in force through ``until``.

    ``rule`` is a code, the beginning of codes, or a name; without it the entry is for every rule.
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
        """What it names beside the rule."""
        return Place(self.order, self.product, self.carrier, self.shop)

    def holds_on(self, day: date) -> bool:
        """Say whether findings of a day are suppressed: on its last day they still are."""
        return day <= self.until
