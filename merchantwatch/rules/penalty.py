"""What a hit costs by the clause: shares of the amount, tiers, bounds, and caps per group."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from merchantwatch.rules.terms import Predicate

CapScope = Literal["shop-day", "product-day"]
Base = Literal["amount", "refund_amount"]

_HUNDRED, _MOST = Decimal(100), Decimal(10_000_000)
_SQL_MONEY = "decimal(18, 2)"


class Tier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payment for amounts ``up_to`` a bound (inclusive), or for lines where ``when`` is true.

    Either a ``percent`` of the amount, within ``minimum`` and ``maximum``, or a ``fixed`` sum. Its
    ``buyer_day``, if given, replaces the penalty's for these lines.
    """

    percent: Decimal | None = None
    fixed: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    up_to: Decimal | None = None
    when: Predicate | None = None
    buyer_day: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a tier that states no sum, two sums, or a sum out of bounds."""
        if (self.percent is None) == (self.fixed is None):
            raise ValueError("a tier of a penalty is either a percent or a fixed sum")
        if self.fixed is not None and (self.minimum is not None or self.maximum is not None):
            raise ValueError("minimum and maximum belong to a percent")
        money = (self.percent, self.fixed, self.minimum, self.maximum, self.up_to, self.buyer_day)
        if any(number is not None and not 0 <= number <= _MOST for number in money):
            raise ValueError(f"the numbers of a penalty lie between 0 and {_MOST:,}")

    @property
    def bounded(self) -> bool:
        """Whether the tier is not for all lines."""
        return self.up_to is not None or self.when is not None


class Penalty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The money of one hit.

    The first of the ``tiers`` that fits counts, so that the last one is for all other lines; where
    no tier fits, the money is unknown. Percents are taken ``of`` an amount, and rounded half-up to
    the cent or to the yuan (``round_to``). The money is paid for ``each`` hit, or for each strike
    of a clock that strikes again. ``caps`` bounds the sum over a shop or product on one day,
    ``buyer_day`` the sum of all clauses for what one buyer paid for on one day; of several such
    bounds the highest counts. ``beyond`` is what an earlier clause takes of every line, and is
    subtracted. Of all clauses that cost a line something only the highest counts; only where the
    clause says so, its money is added ``on_top``.
    """

    tiers: Annotated[list[Tier], Meta(min_length=1)]
    of: Base = "amount"
    round_to: Literal["cent", "yuan"] = "cent"
    each: Literal["hit", "strike"] = "hit"
    caps: dict[CapScope, Decimal] = {}
    buyer_day: Decimal | None = None
    beyond: Tier | None = None
    on_top: bool = False

    def __post_init__(self) -> None:
        """Refuse tiers that can never be reached."""
        for tier in self.tiers[:-1]:
            if not tier.bounded:
                raise ValueError("a tier of a penalty without up_to or when must be the last")
        if self.beyond is not None and self.beyond.bounded:
            raise ValueError("beyond is what a clause takes of every line: without up_to or when")
        if any(not 0 <= most <= _MOST for most in (*self.caps.values(), self.buyer_day or 0)):
            raise ValueError(f"the caps of a penalty lie between 0 and {_MOST:,}")

    @property
    def whens(self) -> Iterator[tuple[int, str]]:
        """The conditions of tiers, by the place of the tier."""
        for place, tier in enumerate(self.tiers):
            if tier.when is not None:
                yield place, tier.when

    def sql(self, whens: dict[int, str]) -> str:
        """Return the money of a line; ``whens`` are the checked conditions by place."""
        arms = [
            f"when {self._test(tier, whens.get(place))} then {self._beyond(self._paid(tier))}"
            for place, tier in enumerate(self.tiers)
        ]
        # Else an unknown amount would fall through to the last tier, and cost its money.
        if any(tier.percent is not None or tier.up_to is not None for tier in self.tiers):
            arms.insert(0, f"when {self.of} is null then null")
        return f"cast(case {' '.join(arms)} end as {_SQL_MONEY})"

    def buyer_day_sql(self, whens: dict[int, str]) -> str | None:
        """Return the SQL of the most that the buyer of a line gets for a day; None if unbounded."""
        most = [tier.buyer_day or self.buyer_day for tier in self.tiers]
        if not any(most):
            return None
        # The same tests as for the money: the bound is that of the tier which fits a line.
        arms = [
            f"when {self._test(tier, whens.get(place))} then {most[place] or 'null'}"
            for place, tier in enumerate(self.tiers)
        ]
        return f"cast(case {' '.join(arms)} end as {_SQL_MONEY})"

    def _beyond(self, paid: str) -> str:
        """Return what is left of a sum after an earlier clause has taken its part."""
        return paid if self.beyond is None else f"greatest({paid} - {self._paid(self.beyond)}, 0)"

    def _test(self, tier: Tier, when: str | None) -> str:
        tests = [f"({when})"] if when else []
        if tier.up_to is not None:
            tests.append(f"{self.of} <= {tier.up_to}")
        return " and ".join(tests) or "true"

    def _paid(self, tier: Tier) -> str:
        if tier.fixed is not None:
            return f"{tier.fixed}"
        # Rounded before it is compared with the bounds: 4.996 is 5.00, and not less than 5.
        places = 2 if self.round_to == "cent" else 0
        paid = f"round({self.of} * {(tier.percent or Decimal(0)) / _HUNDRED:f}, {places})"
        if tier.minimum is not None:
            paid = f"greatest({paid}, {tier.minimum})"
        if tier.maximum is not None:
            paid = f"least({paid}, {tier.maximum})"
        return paid
