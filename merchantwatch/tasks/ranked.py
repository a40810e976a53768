"""Tables of the engine → tasks as it has ranked them, each with its lines taken together."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct, field

from merchantwatch.reading.arrow import Table
from merchantwatch.results.columns import rows
from merchantwatch.rules import BoundRule


class ActGroup(Struct):
    """One rule on all lines of a task with the same state and moment: how many, and the cost.

    ``state`` is that of ``tasks.lines.Act``, ``at`` the next moment.
    """

    bound: BoundRule
    key: str | None
    state: int
    at: datetime | None
    lines: int
    money: Decimal | None


class Ranked(Struct):
    """A task as the engine has ranked it: severity, deadline, money, and its lines' common fields.

    A field that differs between its lines is None; ``quantity`` and ``amount`` are sums.
    ``line_ids`` are the first of its lines, ``order_ids`` of the orders that these belong to.
    """

    number: int
    id: str
    kind: str
    platform: str
    shop: str | None
    rank: int
    due_at: datetime | None
    money_to_save: Decimal
    money_lost: Decimal
    line_count: int
    order_key: str | None
    product_id: str | None
    product_name: str | None
    currency: str | None
    warehouse: str | None
    carrier: str | None
    tracking_no: str | None
    case_id: str | None
    quantity: int | None
    amount: Decimal | None
    line_ids: list[str]
    order_ids: list[str]
    acts: list[ActGroup] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make a number of pieces what it is: engines add numbers up as decimals."""
        self.quantity = None if self.quantity is None else int(self.quantity)


class Tables(NamedTuple):
    """Some tasks as pyarrow Tables: the tasks, and the acts that rules require."""

    tasks: Table
    acts: Table


def ranked_of(tables: Tables, acting: Sequence[BoundRule]) -> list[Ranked]:
    """Return the tasks of tables of ``pipeline.task_lines.listed``, in their order.

    ``acting`` are the rules with acts, by their numbers in the table of acts.
    """
    # The columns of the SQL have the names of the fields; only the acts are a table by themselves.
    names = [name for name in Ranked.__struct_fields__ if name != "acts"]
    tasks = [Ranked(*values) for values in rows(tables.tasks, names)]
    by_number = {task.number: task for task in tasks}
    names = ["number", "place", "key", "state", "next_at", "lines", "money"]
    for number, place, *values in rows(tables.acts, names):
        by_number[number].acts.append(ActGroup(acting[place], *values))
    return tasks
