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
from merchantwatch.tasks.packing import Group, Shop, pack

NEXT = timedelta(hours=24)
"""From as-of to the next judgement: what is due later can be packed tomorrow."""

Place = tuple[str, str | None, str]
"""Platform, shop, and the id of an order or a product; "" of the shop itself."""

_Members = dict[Place, dict[Place | None, list["Parcel"]]]


@dataclass(eq=False)
class Parcel:
    """One order to pack: what packing saves, and what is lost in any case."""

    order: Place
    lines: list[Line] = field(default_factory=list)
    due_at: datetime | None = None
    worth: Decimal = NO_MONEY
    gone: Decimal = NO_MONEY


@dataclass(eq=False)
class Danger:
    """A product or a shop that breaks a limit unless enough of these lines are packed.

    ``allowed`` says for each rule how many more lines may be late, ``by_rule`` which orders add how
    many. It is named after the rule that needs the most, once all its lines are known.
    """

    place: Place
    worth: Decimal = NO_MONEY
    allowed: dict[str, int] = field(default_factory=dict)
    by_rule: dict[str, dict[Place, int]] = field(default_factory=dict)

    def need_of(self, code: str) -> int:
        """Return how many of a rule's lines are to be packed."""
        return sum(self.by_rule[code].values()) - self.allowed[code]

    @cached_property
    def code(self) -> str:
        """The rule that needs the most lines."""
        return max(sorted(self.by_rule), key=self.need_of)

    @cached_property
    def need(self) -> int:
        """How many lines that rule needs."""
        return self.need_of(self.code)

    @cached_property
    def adding(self) -> dict[Place, int]:
        """The orders that add to its count, and by how many lines."""
        return self.by_rule[self.code]

    def averted_by(self, orders: AbstractSet[Place]) -> bool:
        """Say whether packing these orders keeps all rules below their limits."""
        return all(
            sum(n for order, n in adding.items() if order in orders) >= self.need_of(code)
            for code, adding in self.by_rule.items()
        )


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
            if not acts or _out_of_stock(line):
                continue
            parcel = found.setdefault(line.order, Parcel(line.order))
            self._add(parcel, line, acts)
            for act in acts:
                if act.at and asked.until <= act.at <= asked.as_of + NEXT:
                    self._endanger(dangers, act, line)
        self.parcels = list(found.values())
        self.dangers = [danger for danger in dangers.values() if danger.need > 0]
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

    def _endanger(self, dangers: dict[Place, Danger], act: Act, line: Line) -> None:
        """Count a line that would add to a limit which is not broken yet."""
        rule, allowed = act.bound.rule, self._allowed(act, line)
        if allowed is None or allowed < 0:
            return
        product = line.product_id if rule.per.startswith("product") else ""
        place = (line.platform, line.shop, product or "")
        danger = dangers.setdefault(place, Danger(place))
        danger.allowed[rule.code] = min(allowed, danger.allowed.get(rule.code, allowed))
        adding = danger.by_rule.setdefault(rule.code, {})
        adding[line.order] = adding.get(line.order, 0) + 1

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
        members = self._members()
        packed = pack(self._shops(members, exact=True), capacity)
        chosen = [
            parcel
            for groups, counts in zip(members.values(), packed.counts, strict=True)
            for group, count in zip(groups.values(), counts, strict=True)
            for parcel in group[:count]
        ]
        if not self._knotted:
            return chosen, _yuan(packed.bound)
        relaxed = pack(self._shops(members, exact=False), capacity)
        places = {*members, *(place for groups in members.values() for place in groups)}
        elsewhere = [danger.worth for danger in self.dangers if danger.place not in places]
        return chosen, _yuan(relaxed.bound) + sum(elsewhere, NO_MONEY)

    @property
    def _knotted(self) -> bool:
        """Whether some parcel averts more than one in one danger, or is in several of products."""
        of_products = [order for d in self.dangers if d.place[2] for order in d.adding]
        of_shops = [danger for danger in self.dangers if not danger.place[2]]
        beside = any(
            parcel.order not in danger.adding
            for danger in of_shops
            for parcel in self.parcels
            if parcel.order[:2] == danger.place[:2]
        )
        several = any(
            n > 1 or len(danger.by_rule) > 1
            for danger in self.dangers
            for n in danger.adding.values()
        )
        return several or beside or len(of_products) > len(set(of_products))

    def _members(self) -> _Members:
        """Return the parcels of each shop by the product whose danger they avert, dearest first."""
        endangered = {danger.place: danger for danger in self.dangers if danger.place[2]}
        members: _Members = {}
        for parcel in sorted(self.parcels, key=_dearest):
            averts = (
                place
                for line in parcel.lines
                if (place := (line.platform, line.shop, line.product_id or "")) in endangered
                and parcel.order in endangered[place].adding
            )
            groups = members.setdefault((*parcel.order[:2], ""), {})
            groups.setdefault(next(averts, None), []).append(parcel)
        return members

    def _shops(self, members: _Members, *, exact: bool) -> list[Shop]:
        dangers = {danger.place: danger for danger in self.dangers}

        def prize(place: Place | None, parcels: Sequence[Parcel]) -> tuple[int, int]:
            danger = dangers.get(place) if place else None
            if danger is None:
                return 0, 0
            if exact:
                return min(danger.need, len(parcels)), _cents(danger.worth)
            # No more can be saved than if all lines beyond one of each of these were packed.
            ones = sum(parcel.order in danger.adding for parcel in parcels)
            free = sum(danger.adding.values()) - ones
            return max(danger.need - free, 0), _cents(danger.worth)

        return [
            Shop(
                [
                    Group(
                        [_cents(parcel.worth) for parcel in of_product], *prize(product, of_product)
                    )
                    for product, of_product in groups.items()
                ],
                *prize(shop, [parcel for of_product in groups.values() for parcel in of_product]),
            )
            for shop, groups in members.items()
        ]

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


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100
