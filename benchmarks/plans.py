"""How close plans of made-up backlogs come to their bounds, and how long each takes.

    python benchmarks/plans.py [--orders 50000] [--capacity 5000] [--seed 1] [KIND...]
    python benchmarks/plans.py --many 3000    # as many small backlogs, compared with both habits

Each kind is a backlog of orders due within a day. Every product is near a ban, which its open
orders would bring about; that costs the money of these orders, unless the kind says otherwise.
Next to the plan stand two habits, what is due first and what is worth most first, as shares of what
the plan saves. The time is of a whole plan, with what an hour of packing more would save. Exit code
1: a plan is more than AT_MOST below its bound, takes longer than SECONDS of CPU, or is beaten.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace as replace_kind
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from merchantwatch.config import PlanWorths
from merchantwatch.pipeline.states import NEAR
from merchantwatch.results.records import FindingKey
from merchantwatch.rules import BoundRule, built_in
from merchantwatch.tasks.backlog import Backlog, Parcel, PlanRequest
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.lines import FAR, NO_MONEY, Act, Line

AT_MOST, SECONDS = 0.001, 10.0

AS_OF = datetime(2026, 11, 21)  # noqa: DTZ001 (as all moments of a scan)
SHORTAGE, BAN = built_in().of_code("DY104"), built_in().of_code("DY101")


@dataclass(frozen=True)
class Kind:
    """What a backlog is like."""

    name: str
    products: int = 2000
    shops: int = 1
    shop_limit: float | None = None  # the share of a shop's lines that may be late
    counted: float = 1.0  # the share of lines that add to the limit of their shop
    several: float = 0.0  # the share of orders with a line of another product
    spread: float = 0.5  # of the logarithm of amounts
    worths: float | None = None  # of the logarithm of what bans cost, where settings say it
    popular: float = 0.0  # how much more some products are sold than others


KINDS = (
    Kind("a ban each"),
    Kind("popular products", popular=0.9),
    Kind("one shop near its own limit", shop_limit=0.3),
    Kind("20 shops near their limits", shops=20, shop_limit=0.3),
    Kind("200 shops near their limits", shops=200, shop_limit=0.3),
    Kind("one shop whose limit counts some lines", shop_limit=0.9, counted=0.6),
    Kind("20 shops whose limits count some lines", shops=20, shop_limit=0.3, counted=0.6),
    Kind("200 shops whose limits count some lines", shops=200, shop_limit=0.3, counted=0.6),
    Kind("some orders of several products", several=0.02),
    Kind("some of several products, 20 shops near limits", several=0.02, shops=20, shop_limit=0.3),
    Kind("many orders of several products", several=0.3),
    Kind("several products, 5 shops near limits", several=0.3, shops=5, shop_limit=0.6),
    Kind("wide money", spread=2.0),
    Kind("bans of unequal worth", worths=2.5),
    Kind("8 huge products", products=8),
    Kind("8 huge products in a shop near its limit", products=8, shop_limit=0.9),
)


def main() -> int:
    """Plan a backlog of each kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kinds", nargs="*", help="part of a name; by default all")
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--capacity", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--many", type=int, default=0, help="small backlogs in place of large ones")
    given = parser.parse_args()
    if given.many:
        return _many(given.many, random.Random(given.seed))
    print("| backlog | below its bound | due first | dearest first | seconds |")
    print("|---|--:|--:|--:|--:|")
    fine = True
    for kind in KINDS:
        if not given.kinds or any(part in kind.name for part in given.kinds):
            fine &= _shown(kind, given.orders, given.capacity, random.Random(given.seed))
    return 0 if fine else 1


def _many(count: int, draw: random.Random) -> int:
    """Plan many small backlogs of all kinds; count those that are the best, and that are beaten."""
    best = beaten = 0
    for _ in range(count):
        shops = draw.choice([1, 2, 3])
        kind = replace_kind(draw.choice(KINDS), products=shops * draw.randrange(1, 6), shops=shops)
        capacity = draw.randrange(1, 20)
        backlog = _backlog(kind, draw.randrange(2, 60), draw)
        ((packed, bound),) = backlog.best(capacity)
        saved = backlog.saved_by(packed)[0]
        best += saved == bound
        beaten += any(backlog.saved_by(some)[0] > saved for some in _habits(backlog, capacity))
    print(f"{count:,} small backlogs: {best:,} plans are the best there is, {beaten:,} are beaten")
    return 0 if not beaten else 1


def _shown(kind: Kind, orders: int, capacity: int, draw: random.Random) -> bool:
    backlog = _backlog(kind, orders, draw)
    began = time.process_time()
    (packed, bound), _ = backlog.best(capacity, capacity + capacity // 8)
    took = time.process_time() - began
    saved = backlog.saved_by(packed)[0]
    below = float(1 - saved / bound) if bound else 0.0
    habits = [float(backlog.saved_by(some)[0] / saved) for some in _habits(backlog, capacity)]
    shares = " | ".join(f"{habit:.1%}" for habit in habits)
    print(f"| {kind.name} | {below:.4%} | {shares} | {took:.1f} |", flush=True)
    return below <= AT_MOST and took <= SECONDS and max(habits) <= 1


def _habits(backlog: Backlog, capacity: int) -> list[list[Parcel]]:
    by_due = sorted(backlog.parcels, key=lambda parcel: parcel.due_at or datetime.max)  # noqa: DTZ901
    by_worth = sorted(backlog.parcels, key=lambda parcel: -parcel.worth)
    return [by_due[:capacity], by_worth[:capacity]]


def _backlog(kind: Kind, orders: int, draw: random.Random) -> Backlog:
    popularity = [1 / (1 + product) ** kind.popular for product in range(kind.products)]
    products = draw.choices(range(kind.products), popularity, k=orders)
    closing = replace(BAN, rule=replace(BAN.rule, code="MY1", per="shop", at_least=1))
    lines: list[Line] = []
    for order, product in enumerate(products):
        of = [product]
        if draw.random() < kind.several:
            other = draw.randrange(kind.products)
            of.append(other - (other - product) % kind.shops)
        for number, one in enumerate(of):
            lines.append(_line(kind, order, number, max(one, 0), closing, draw))
    counts = _counts(kind, lines, draw)
    worths = {str(product): _money(5000, kind.worths, draw) for product in range(kind.products)}
    stated = PlanWorths(products=worths if kind.worths else {})
    request = PlanRequest(0, AS_OF, AS_OF, more=1, worths=stated, counts=counts)
    return Backlog(lines, Scopes({}), request)


def _line(
    kind: Kind, order: int, number: int, product: int, closing: BoundRule, draw: random.Random
) -> Line:
    at = AS_OF + timedelta(minutes=draw.randrange(24 * 60))
    amount = _money(120, kind.spread, draw)
    acts = [
        Act(SHORTAGE, NEAR, at, "", round(amount / 20, 2), on_top=True),
        Act(BAN, FAR, at, str(product), None, on_top=False),
    ]
    if kind.shop_limit is not None and draw.random() < kind.counted:
        acts.append(Act(closing, FAR, at, "", None, on_top=False))
    known = ("douyin", str(product % kind.shops), str(order), f"{order}-{number}", str(product))
    return Line(*known, "x", 1, amount, "CNY", None, None, None, None, NO_MONEY, acts)


def _money(typical: float, spread: float | None, draw: random.Random) -> Decimal:
    return Decimal(round(typical * draw.lognormvariate(0, spread or 0), 2)).quantize(
        Decimal("0.01")
    )


def _counts(kind: Kind, lines: Sequence[Line], draw: random.Random) -> dict[FindingKey, int]:
    """Return how many lines were late: so most, or a share, of the others must be packed."""
    counts = {
        FindingKey("DY101", "douyin", line.shop, line.product_id or ""): draw.choice([0, 1, 2])
        for line in lines
    }
    if kind.shop_limit is not None:
        for shop in {line.shop for line in lines}:
            adding = (line for line in lines if line.shop == shop)
            total = sum(act.bound.code == "MY1" for line in adding for act in line.acts)
            counts[FindingKey("MY1", "douyin", shop, "")] = -round(total * kind.shop_limit)
    return counts


if __name__ == "__main__":
    sys.exit(main())
