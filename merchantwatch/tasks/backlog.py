"""Open orders → parcels to pack, each with what it saves, and the dangers that they avert.

Each order to ship is a parcel. It is worth what the clauses take of it between the end of packing
and the next judgement, a day after as-of. A product or a shop that would break a limit by then is
in danger: its worth is lost unless enough of the orders that would add to the count are packed.

An order that is uploaded is packed already: it takes no room. As long as no carrier has scanned it
some rules count it as unshipped, so it is to be handed over, and a plan takes for granted that it
is. An order that waits for stock cannot be packed at all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from merchantwatch.config import PlanWorths
from merchantwatch.results.records import FindingKey
from merchantwatch.tasks.dangers import NEXT, Danger, Dangers, Place, fixed_by_shipping
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.lines import NO_MONEY, YUAN, Act, Line
from merchantwatch.tasks.packing import Need, Prize, pack

_CENT = Decimal("0.01")


class Parcel(Struct, eq=False):
    """One order to pack or hand over: what that saves, and what is lost in any case."""

    order: Place
    lines: list[Line] = field(default_factory=list)
    due_at: datetime | None = None
    worth: Decimal = NO_MONEY
    lost_anyway: Decimal = NO_MONEY


class PlanRequest(Struct, frozen=True):
    """The question of a plan: how many parcels until a moment, and what ``more`` would add.

    ``counts`` are the lines that rules have counted already, by scope.
    """

    capacity: int
    as_of: datetime
    until: datetime
    more: int
    worths: PlanWorths
    counts: Mapping[FindingKey, int]

    @property
    def end(self) -> datetime:
        """The next judgement."""
        return self.as_of + NEXT


class Backlog:
    """The parcels there are, and the dangers that some of them avert.

    ``uploaded`` are those that are packed already, and ``waiting`` is what those lose that wait for
    stock. All money is in ``currency``: that of the lines if they have one, else yuan.
    """

    def __init__(self, lines: Sequence[Line], scopes: Scopes, request: PlanRequest) -> None:
        self.request, self.waiting = request, NO_MONEY
        currencies = {line.currency or YUAN for line in lines}
        self.currency = currencies.pop() if len(currencies) == 1 else YUAN
        to_pack: dict[Place, Parcel] = {}
        uploaded: dict[Place, Parcel] = {}
        dangers = Dangers(scopes, request.counts, request.until, request.end)
        for line in map(self._in_currency, lines):
            acts = [act for act in line.acts if fixed_by_shipping(act.bound.rule)]
            if not acts:
                continue
            for act in acts:
                # Uploaded and waiting lines, too: they add to the count, or use up what is allowed.
                dangers.add(line, act)
            if line.uploaded:
                self._add(uploaded, line, [*acts, *_handing_over(line)])
            elif line.out_of_stock:
                self.waiting += line.to_save(_until(acts, request.end))
            else:
                self._add(to_pack, line, acts)
        self.parcels, self.uploaded = list(to_pack.values()), list(uploaded.values())
        self.dangers = [danger for danger in dangers.found.values() if danger.threatens]
        self._weigh()

    def _in_currency(self, line: Line) -> Line:
        """Return a line without its amount where that is of another currency: no sum has both."""
        return line if (line.currency or YUAN) == self.currency else replace(line, amount=None)

    def _add(self, parcels: dict[Place, Parcel], line: Line, acts: Sequence[Act]) -> None:
        parcel = parcels.setdefault(line.order, Parcel(line.order))
        # An act of this very moment is still in time: a deadline is kept by shipping exactly at it.
        later = [act for act in acts if act.at and act.at >= self.request.until]
        passing = [act for act in acts if act.at and act.at < self.request.until]
        lost = line.to_save(passing)
        parcel.lines.append(line)
        parcel.lost_anyway += lost
        parcel.worth += line.to_save([*passing, *_until(later, self.request.end)]) - lost
        dues = [act.at for act in later if act.at]
        parcel.due_at = min([*dues, *([parcel.due_at] if parcel.due_at else [])], default=None)

    def _weigh(self) -> None:
        """Say what each danger would cost: what the settings say, else its open orders' money."""
        money: dict[Place, Decimal] = {}
        for line in self._open_lines():
            # With "" each order stands for its shop too, whose closing would take it as well.
            for key in {line.product_id or "", ""}:
                place = (line.platform, line.shop, key)
                money[place] = money.get(place, NO_MONEY) + (line.amount or NO_MONEY)
        for danger in self.dangers:
            _, shop, product = danger.place
            stated = self.request.worths.products if product else self.request.worths.shops
            worth = stated.get(product or shop or "", money.get(danger.place, NO_MONEY))
            danger.worth = worth.quantize(_CENT, ROUND_HALF_UP)

    def _open_lines(self) -> list[Line]:
        return [line for parcel in (*self.parcels, *self.uploaded) for line in parcel.lines]

    @property
    def lost_anyway(self) -> Decimal:
        """What no packing can save any more."""
        parcels = (*self.parcels, *self.uploaded)
        return sum((parcel.lost_anyway for parcel in parcels), self.waiting)

    @property
    def handed_over(self) -> Decimal:
        """What is saved without packing anything, by handing over what is uploaded."""
        return self.saved_by([])[0]

    def best(self, *capacities: int) -> list[tuple[list[Parcel], Decimal]]:
        """Return for each capacity what to pack, and what no choice of as many can save beyond."""
        parcels = sorted(self.parcels, key=_by_worth)
        by_due = sorted(parcels, key=_first_due)
        # The solver knows numbers only; parcels are sorted, so that equal backlogs give equal
        # plans.
        place = {parcel.order: number for number, parcel in enumerate(parcels)}
        shops = dict.fromkeys(parcel.order[:2] for parcel in parcels)
        shop = {name: number for number, name in enumerate(shops)}
        # The prize of a shop is wide: its limit counts the parcels of all products.
        prizes = [
            Prize(_cents(danger.worth), _needs(danger, place), wide=not danger.place[2])
            for danger in self.dangers
        ]
        worths = [_cents(parcel.worth) for parcel in parcels]
        of = [shop[parcel.order[:2]] for parcel in parcels]
        found = []
        # Of what is not the best for sure, a habit of the warehouse may by chance be better.
        for capacity, packed in zip(capacities, pack(worths, of, prizes, *capacities), strict=True):
            chosen = [parcels[number] for number in packed.parcels]
            choices = [chosen, parcels[:capacity], by_due[:capacity]]
            best = max(choices, key=lambda choice: self.saved_by(choice)[0])
            bound = _yuan(packed.bound) + _worth(self.uploaded)
            found.append((self._filled(best, capacity), bound))
        return found

    def _filled(self, chosen: list[Parcel], capacity: int) -> list[Parcel]:
        """Fill the room that is left by what is due first, though it saves nothing today."""
        orders = {parcel.order for parcel in chosen}
        rest = sorted((p for p in self.parcels if p.order not in orders), key=_first_due)
        return [*chosen, *rest[: capacity - len(chosen)]]

    def saved_by(self, packed: Sequence[Parcel]) -> tuple[Decimal, list[Danger]]:
        """Return what these and the uploaded ones save, and which dangers are averted then."""
        orders = {parcel.order for parcel in packed}
        averted = [danger for danger in self.dangers if danger.averted_by(orders)]
        worth = _worth(packed) + _worth(self.uploaded)
        return worth + sum((danger.worth for danger in averted), NO_MONEY), averted


def _handing_over(line: Line) -> list[Act]:
    return [act for act in line.acts if "hand-over" in act.bound.rule.tasks]


def _until(acts: Sequence[Act], end: datetime) -> list[Act]:
    return [act for act in acts if act.at and act.at <= end]


def _worth(parcels: Sequence[Parcel]) -> Decimal:
    return sum((parcel.worth for parcel in parcels), NO_MONEY)


def _by_worth(parcel: Parcel) -> tuple[Decimal, datetime, str]:
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
