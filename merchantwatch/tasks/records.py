"""The records of tasks."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

import msgspec
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.tasks.kinds import kinds_of
from merchantwatch.tasks.lines import NO_MONEY

MOST_LINES = 100
"""How many lines of one task are named; all are counted."""


class Moment(msgspec.Struct, frozen=True, gc=False):
    """A consequence of not doing a task, by a rule, from a moment on; ``at`` None: at any time."""

    at: datetime | None
    code: str
    text: Text
    money: Decimal | None


class Effect(msgspec.Struct, frozen=True, gc=False):
    """The count of a scope now, and its count if the task is done, and if it is not."""

    code: str
    scope: str
    key: str
    count: int
    limit: int | float | Decimal
    if_done: int
    if_not: int


class Task(msgspec.Struct, frozen=True, gc=False):
    """One thing that one person has to do before one moment.

    ``due_at`` is the next moment at which something happens that cannot be undone, never one that
    has passed; None where nothing gets worse at a known moment. Money is of the clauses, in yuan:
    ``money_to_save`` what is taken if nothing is done, ``money_lost`` what has been. Of an order it
    stands in the first of its tasks alone. ``order_ids`` are the orders of all ``lines``; of lines
    that name none, the ids of the lines.
    """

    id: str
    kind: str
    owner: str
    severity: str
    platform: str
    shop: str | None
    order_id: str | None
    lines: tuple[str, ...]
    order_ids: tuple[str, ...]
    product_id: str | None
    product_name: str | None
    quantity: int | None
    amount: Decimal | None
    currency: str | None
    warehouse: str | None
    carrier: str | None
    tracking_no: str | None
    case_id: str | None
    due_at: datetime | None
    then: Moment | None
    later: tuple[Moment, ...]
    money_to_save: Decimal
    money_lost: Decimal
    rules: tuple[str, ...]
    effects: tuple[Effect, ...]
    text: Text

    @property
    def names_all(self) -> bool:
        """Whether the lines that are named are all of its lines."""
        return len(self.lines) < MOST_LINES


class SuppressedTask(msgspec.Struct, frozen=True):
    """A task that is not listed: an entry of this number suppresses everything that it resolves.

    It is ``about`` an order, a parcel, a case, a product or a scope, depending on its kind.
    """

    id: str
    kind: str
    severity: str
    platform: str
    shop: str | None
    about: str
    suppressed_by: int
    text: Text


SOON = timedelta(hours=24)
"""Tasks that are due within this time are today's work."""

SEVERE = ("critical", "high")
"""The severities of what must not be missed."""


class Soon(Struct, frozen=True):
    """The tasks that are due soon: how many, how many of them are severe, and what they save."""

    tasks: int = 0
    severe: int = 0
    money_to_save: Decimal = NO_MONEY


class Totals(Struct, frozen=True):
    """The numbers that every report shows of tasks: each order once, each yuan once.

    ``money_lost_over`` is the part of ``money_lost`` that no task can change any more; ``by_shop``
    counts by platform and shop.
    """

    orders: int
    tasks: int
    money_to_save: Decimal
    money_lost: Decimal
    money_lost_over: Decimal
    by_owner: Mapping[str, int]
    by_severity: Mapping[str, int]
    by_shop: Mapping[tuple[str, str | None], int]
    soon: Soon


class WorkList(Struct, frozen=True):
    """The first tasks of a run, the most urgent first, and what all of them add up to.

    ``every_task`` yields all, or those of some kinds, in the same order, where there are more.
    """

    tasks: tuple[Task, ...]
    totals: Totals
    every_task: Callable[[Collection[str] | None], Iterator[Task]]

    @property
    def complete(self) -> bool:
        """Whether the first tasks are all."""
        return len(self.tasks) == self.totals.tasks

    def read_tasks(self, of: Collection[str] | None = None) -> Iterator[Task]:
        """Yield all tasks, or those of some kinds, as far as the engine or this list has them."""
        if not self.complete:
            return self.every_task(of)
        return (task for task in self.tasks if of is None or task.kind in of)

    def first_tasks(self, owner: str | None, most: int) -> list[Task]:
        """Return the first of all tasks, or of an owner's; the listed ones are not read again."""
        count = self.totals.by_owner.get(owner, 0) if owner else self.totals.tasks
        # The listed tasks are the first of all; of one owner there may be more behind them.
        found = [task for task in self.tasks if owner in (None, task.owner)][:most]
        if len(found) == min(count, most):
            return found
        return list(islice(self.read_tasks(owner and kinds_of(owner)), most))
