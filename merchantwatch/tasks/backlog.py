"""Open orders → parcels to pack, each with what it saves, and the dangers that they avert.

Each order to ship is a parcel. It is worth what the clauses take of it between the end of packing
and the next judgement, a day after as-of. A product or a shop that would break a limit by then is
in danger: its worth is lost unless enough of the orders that would add to the count are packed.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from merchantwatch.config import PlanWorths
from merchantwatch.results.records import FindingKey
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.lines import NO_MONEY, PASSED, Act, Line
from merchantwatch.tasks.packing import Need, Prize, pack

NEXT = timedelta(hours=24)
"""From as-of to the next judgement: what is due later can be packed tomorrow."""

Place = tuple[str, str | None, str]
"""Platform, shop, and the id of an order or a product; "" of the shop itself."""


@dataclass(eq=False)
class Parcel:
    """One order to pack: what packing saves, and what is lost in any case."""

    order: Place
    lines: list[Line] = field(default_factory=list)
    due_at: datetime | None = None
    worth: Decimal = NO_MONEY
    gone: Decimal = NO_MONEY


@dataclass(eq=False)
class Limit:
    """How many more lines may be late by a rule in one scope, and which orders add how many."""

    allowed: int
    adding: dict[Place, int] = field(default_factory=dict)

    @property
    def need(self) -> int:
        """How many of these lines are to be packed."""
        return sum(self.adding.values()) - self.allowed

    def held_by(self, orders: AbstractSet[Place]) -> bool:
        """Say whether packing these orders keeps the scope below its limit."""
        return sum(n for order, n in self.adding.items() if order in orders) >= self.need


@dataclass(eq=False)
class Danger:
    """A product or a shop that breaks a limit unless enough of its lines are packed.

    ``limits`` are by the code of the rule and the key of its scope, which may be a day. A danger is
    named after the rule that needs the most, once all its lines are known.
    """

    place: Place
    worth: Decimal = NO_MONEY
    limits: dict[tuple[str, str], Limit] = field(default_factory=dict)

    @cached_property
    def code(self) -> str:
        """The rule that needs the most lines."""
        return max(sorted(self.limits), key=lambda of: self.limits[of].need)[0]

    @cached_property
    def need(self) -> int:
        """How many lines that rule needs."""
        return max(limit.need for limit in self.limits.values())

    @property
    def threatens(self) -> bool:
        """Whether a limit is reached if nothing is packed, and some of its lines can be."""
        return self.need > 0 and any(limit.adding for limit in self.limits.values())

    def averted_by(self, orders: AbstractSet[Place]) -> bool:
        """Say whether packing these orders keeps all rules below their limits."""
        return all(limit.held_by(orders) for limit in self.limits.values())


@dataclass(frozen=True)
class Asked:
    """The question of a plan: how many parcels until a moment, and what ``more`` would add.

    ``counts`` are the lines that rules have counted already, by scope.
    """

    capacity: int
    as_of: datetime
    until: datetime
    more: int
    worths: PlanWorths
    counts: Mapping[FindingKey, int]


class Backlog:
    """The parcels there are, and the dangers that some of them avert."""

    def __init__(self, lines: Sequence[Line], scopes: Scopes, asked: Asked) -> None:
        self.asked, self.scopes = asked, scopes
        found: dict[Place, Parcel] = {}
        dangers: dict[Place, Danger] = {}
        for line in lines:
            acts = [act for act in line.acts if "ship" in act.bound.rule.tasks]
            able = not _out_of_stock(line)
            if acts and able:
                self._add(found.setdefault(line.order, Parcel(line.order)), line, acts)
            for act in acts:
                if act.at and act.at <= asked.as_of + NEXT:
                    self._endanger(dangers, act, line, able=able and act.at >= asked.until)
        self.parcels = list(found.values())
        self.dangers = [danger for danger in dangers.values() if danger.threatens]
        self._weigh()

    def _add(self, parcel: Parcel, line: Line, acts: Sequence[Act]) -> None:
        later = [act for act in acts if act.at and act.at >= self.asked.until]
        soon = [act for act in later if act.at and act.at <= self.asked.as_of + NEXT]
        passing = [act for act in acts if act.at and act.at < self.asked.until]
        parcel.lines.append(line)
        parcel.gone += line.to_save(passing)
        parcel.worth += line.to_save([*passing, *soon]) - line.to_save(passing)
        dues = [act.at for act in later if act.at]
        parcel.due_at = min([*dues, *([parcel.due_at] if parcel.due_at else [])], default=None)

    def _endanger(self, dangers: dict[Place, Danger], act: Act, line: Line, *, able: bool) -> None:
        """Count a line that would add to a limit which is not broken yet, or surely does."""
        rule, allowed = act.bound.rule, self._allowed(act, line)
        if allowed is None or allowed < 0:
            return
        product = line.product_id if rule.per.startswith("product") else ""
        place = (line.platform, line.shop, product or "")
        limits = dangers.setdefault(place, Danger(place)).limits
        limit = limits.setdefault((rule.code, act.key or ""), Limit(allowed))
        if able:
            limit.adding[line.order] = limit.adding.get(line.order, 0) + 1
        else:
            limit.allowed -= 1

    def _allowed(self, act: Act, line: Line) -> int | None:
        """Return how many more lines may be late before the limit of a scope is reached."""
        rule, finding = act.bound.rule, self.scopes.found(act, line.platform, line.shop)
        if rule.per == "line" or rule.days or act.key is None:
            return None
        if rule.share is not None:
            rate = finding.rate if finding is not None and finding.state == "near" else None
            return rate.left if rate else None
        scope = FindingKey(rule.code, line.platform, line.shop, act.key)
        limit = rule.at_least - 1 if rule.at_least is not None else rule.more_than or 0
        return limit - self.asked.counts.get(scope, 0)

    def _weigh(self) -> None:
        """Say what each danger would cost: what the settings say, else its open orders' money."""
        money: dict[Place, Decimal] = {}
        for parcel in self.parcels:
            for line in parcel.lines:
                for key in {line.product_id or "", ""}:
                    place = (line.platform, line.shop, key)
                    money[place] = money.get(place, NO_MONEY) + (line.amount or NO_MONEY)
        for danger in self.dangers:
            _, shop, product = danger.place
            stated = self.asked.worths.products if product else self.asked.worths.shops
            danger.worth = stated.get(product or shop or "", money.get(danger.place, NO_MONEY))

    def best(self, capacity: int) -> tuple[list[Parcel], Decimal]:
        """Return the parcels to pack, and what no choice of as many can save more than."""
        parcels = sorted(self.parcels, key=_dearest)
        place = {parcel.order: number for number, parcel in enumerate(parcels)}
        shops = dict.fromkeys(parcel.order[:2] for parcel in parcels)
        shop = {name: number for number, name in enumerate(shops)}
        prizes = [
            Prize(_cents(danger.worth), _needs(danger, place), wide=not danger.place[2])
            for danger in self.dangers
        ]
        worths = [_cents(parcel.worth) for parcel in parcels]
        packed = pack(worths, [shop[parcel.order[:2]] for parcel in parcels], prizes, capacity)
        choices = [
            [parcels[number] for number in packed.parcels],
            parcels[:capacity],
            sorted(parcels, key=_first_due)[:capacity],
        ]
        best = max(choices, key=lambda chosen: self.saved_by(chosen)[0])
        return best, _yuan(packed.bound)

    def saved_by(self, packed: Sequence[Parcel]) -> tuple[Decimal, list[Danger]]:
        """Return what these parcels save, and which dangers they avert."""
        orders = {parcel.order for parcel in packed}
        averted = [danger for danger in self.dangers if danger.averted_by(orders)]
        worth = sum((parcel.worth for parcel in packed), NO_MONEY)
        return worth + sum((danger.worth for danger in averted), NO_MONEY), averted


def _out_of_stock(line: Line) -> bool:
    """Say whether a line waits for stock, so that it cannot be packed."""
    return any(
        act.state == PASSED and set(act.bound.rule.tasks) == {"restock"} for act in line.acts
    )


def _dearest(parcel: Parcel) -> tuple[Decimal, datetime, str]:
    return (-parcel.worth, parcel.due_at or datetime.max, parcel.order[2])  # noqa: DTZ901


def _first_due(parcel: Parcel) -> tuple[datetime, str]:
    return (parcel.due_at or datetime.max, parcel.order[2])  # noqa: DTZ901


def _needs(danger: Danger, place: Mapping[Place, int]) -> list[Need]:
    return [
        Need({place[order]: n for order, n in limit.adding.items()}, limit.need)
        for limit in danger.limits.values()
    ]


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100
