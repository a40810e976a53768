"""Rows of the engine → lines that somebody can act on, each with what rules say of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from merchantwatch.rules import BoundRule

NO_MONEY = Decimal("0.00")

PASSED, NEAR, FAR = 1, 2, 4
"""Where a line stands to the deadline of a rule, while the act is not done."""


@dataclass(slots=True)
class Act:
    """One rule on one line: where it stands, the moment that lies ahead, and what that takes."""

    bound: BoundRule
    state: int
    at: datetime | None
    key: str | None
    money: Decimal | None
    on_top: bool


@dataclass(slots=True)
class Line:
    """One line with what is known of it, and what its rules ask for."""

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
    dearest: Decimal
    on_top: Decimal
    acts: list[Act] = field(default_factory=list)

    @property
    def order(self) -> tuple[str, str | None, str]:
        """What tells its order from all others."""
        return (self.platform, self.shop, self.order_id or self.line_id)

    @property
    def lost(self) -> Decimal:
        """What the clauses have taken of it already."""
        return self.dearest + self.on_top

    def to_save(self, acts: Sequence[Act]) -> Decimal:
        """Return what these rules will take beside that, if nothing is done."""
        ahead = [act for act in acts if act.at is not None]
        one = [act.money for act in ahead if act.money is not None and not act.on_top]
        beside = [act.money for act in ahead if act.money is not None and act.on_top]
        told = max([self.dearest, *one]) - self.dearest + sum(beside, NO_MONEY)
        if self.amount is not None and any(act.bound.rule.loses_amount for act in ahead):
            told += self.amount
        return told


_SOME_LINES = 1 << 13
"""Of so many lines the values of all columns are at hand at a time."""

_DETAILS = (
    *("platform", "shop", "order_id", "line_id", "product_id", "product_name", "quantity"),
    *("amount", "currency", "warehouse", "carrier", "tracking_no", "case_id"),
)


def lines_of(table: Any, rules: Sequence[BoundRule]) -> list[Line]:
    """Return the lines of a pyarrow Table of ``pipeline.task_lines``."""
    return [line for some in table.to_batches(_SOME_LINES) for line in _lines_of(some, rules)]


def _lines_of(batch: Any, rules: Sequence[BoundRule]) -> list[Line]:
    columns = {name: _values(batch.column(name)) for name in batch.schema.names}
    details = zip(*(columns[name] for name in _DETAILS), strict=True)
    costs = zip(columns["dearest"], columns["on_top"], strict=True)
    lines = [
        Line(*(*told, dearest or NO_MONEY, on_top or NO_MONEY))
        for told, (dearest, on_top) in zip(details, costs, strict=True)
    ]
    for bound in rules:
        for place, act in _acts(bound, columns):
            lines[place].acts.append(act)
    return lines


def _values(cells: Any) -> list[Any]:
    """Return the values of a column; one that stands in many lines is one object."""
    encoded = cells.dictionary_encode()
    values = [*encoded.dictionary.to_pylist(), None]
    return [values[-1 if place is None else place] for place in encoded.indices.to_pylist()]


def _acts(bound: BoundRule, columns: Mapping[str, list[Any]]) -> Iterator[tuple[int, Act]]:
    code = bound.code
    states, at, keys = (columns[f"{code}_{name}"] for name in ("acts", "at", "key"))
    money, on_top = columns.get(f"{code}_money"), columns.get(f"{code}_on_top")
    for place, state in enumerate(states):
        if state in (PASSED, NEAR, FAR):
            taken = money[place] if money else None
            beside = bool(on_top and on_top[place])
            yield place, Act(bound, state, at[place], keys[place], taken, beside)
