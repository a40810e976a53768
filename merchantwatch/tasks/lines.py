"""Rows of the engine → lines that need an act, each with its state by the rules."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, field

from merchantwatch.pipeline.states import HIT, OPEN
from merchantwatch.reading.arrow import Table
from merchantwatch.rules import BoundRule

NO_MONEY, YUAN = Decimal("0.00"), "CNY"

PASSED, FAR = HIT, OPEN
"""The states of an act that is not done, besides ``NEAR``: its deadline has passed, or is far."""


class Act(Struct):
    """One rule on one line: its state, its next moment, and what that costs."""

    bound: BoundRule
    state: int
    at: datetime | None
    key: str | None
    money: Decimal | None
    on_top: bool


class Line(Struct):
    """One line with its fields, and the acts that its rules require.

    One that is ``uploaded`` has been shipped as far as the merchant is concerned; one that is
    ``out_of_stock`` cannot be.
    """

    platform: str
    shop: str | None
    order_id: str | None
    line_id: str
    product_id: str | None
    product_name: str | None
    quantity: int | None
    amount: Decimal | None
    currency: str | None
    warehouse: str | None
    carrier: str | None
    tracking_no: str | None
    case_id: str | None
    highest_cost: Decimal
    acts: list[Act] = field(default_factory=list)
    uploaded: bool = False
    out_of_stock: bool = False

    @property
    def order(self) -> tuple[str, str | None, str]:
        """The key of its order."""
        return (self.platform, self.shop, self.order_id or self.line_id)

    def to_save(self, acts: Sequence[Act]) -> Decimal:
        """Return the money that these acts' rules will take in addition, if nothing is done."""
        timed = [act for act in acts if act.at is not None]
        one = [act.money for act in timed if act.money is not None and not act.on_top]
        added = [act.money for act in timed if act.money is not None and act.on_top]
        # Of several clauses that price a line only the highest counts, and ``highest_cost`` is lost
        # already.
        total = max([self.highest_cost, *one]) - self.highest_cost + sum(added, NO_MONEY)
        if self.amount is not None and any(act.bound.rule.loses_amount for act in timed):
            total += self.amount
        return total


_DETAILS = (
    *("platform", "shop", "order_id", "line_id", "product_id", "product_name", "quantity"),
    *("amount", "currency", "warehouse", "carrier", "tracking_no", "case_id", "highest_cost"),
    *("uploaded", "out_of_stock"),
)


def lines_of(table: Table, rules: Sequence[BoundRule]) -> list[Line]:
    """Return the lines of a pyarrow Table of ``pipeline.task_lines.backlog_lines``."""
    details = zip(*(table.column(name).to_pylist() for name in _DETAILS), strict=True)
    lines = [Line(**dict(zip(_DETAILS, values, strict=True))) for values in details]
    for bound in rules:
        for place, act in _acts(bound, table):
            lines[place].acts.append(act)
    return lines


def _acts(bound: BoundRule, table: Table) -> Iterator[tuple[int, Act]]:
    """Yield the acts that a rule requires, with the index of the line; most lines need none."""
    # Imported here: the command line loads this module, and most commands need no pyarrow.
    from pyarrow import compute

    places = compute.indices_nonzero(table.column(f"{bound.code}_acts"))
    some = table.take(places)
    columns = [_column(some, f"{bound.code}_{name}", len(places)) for name in _OF_ACTS]
    for place, state, at, key, money, on_top in zip(places.to_pylist(), *columns, strict=True):
        yield place, Act(bound, state, at, key, money, bool(on_top))


_OF_ACTS = ("acts", "at", "key", "money", "on_top")


def _column(table: Table, name: str, rows: int) -> list[Any]:
    """Return a column, Nones where it is missing: some rules have no key, or cost no money."""
    return table.column(name).to_pylist() if name in table.column_names else [None] * rows
