"""All tasks of a run in their order, with each order's money in the first of its tasks."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from merchantwatch.findings import Finding
from merchantwatch.rules import SEVERITIES, Rulebook
from merchantwatch.tasks import of_findings
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.kinds import owners
from merchantwatch.tasks.lines import NO_MONEY, Line
from merchantwatch.tasks.making import Draft, drafts, rank, task_of
from merchantwatch.tasks.records import Task, Totals, WorkList


def work_list(
    lines: Sequence[Line],
    findings: Sequence[Finding],
    book: Rulebook,
    penalty: Decimal | None,
    as_of: datetime,
) -> WorkList:
    """Return what people have to do, the most urgent first, and what it adds up to.

    ``penalty`` is what all findings of the run cost together.
    """
    scopes = Scopes.of(findings)
    made = [(task_of(draft, scopes, as_of), draft) for draft in drafts(lines, scopes)]
    made.sort(key=lambda pair: _urgency(pair[0]))
    shared, orders = _shared_out(made)
    rules = {bound.code: bound.rule for bound in book.rules}
    tasks = sorted([*shared, *of_findings.tasks(findings, rules, as_of)], key=_urgency)
    return WorkList(tuple(tasks), _totals(tasks, orders, penalty or NO_MONEY), lines)


def _urgency(task: Task) -> tuple[int, datetime, Decimal, str]:
    due = task.due_at or datetime.max  # noqa: DTZ901  wall-clock time
    return (-rank(task.severity), due, -task.money_to_save, task.id)


def _shared_out(made: Sequence[tuple[Task, Draft]]) -> tuple[list[Task], int]:
    """Return the tasks with the money of each order in its first one, and how many orders."""
    money: dict[tuple[str, str | None, str], tuple[Decimal, Decimal]] = {}
    counted: set[int] = set()
    for _, draft in made:
        for line in draft.lines:
            if id(line) not in counted:
                counted.add(id(line))
                save, lost = money.get(line.order, (NO_MONEY, NO_MONEY))
                money[line.order] = (save + line.to_save(line.acts), lost + line.lost)
    orders, tasks = len(money), []
    for task, draft in made:
        taken = [money.pop(order) for order in {line.order for line in draft.lines} & money.keys()]
        save = sum((save for save, _ in taken), NO_MONEY)
        lost = sum((lost for _, lost in taken), NO_MONEY)
        tasks.append(msgspec.structs.replace(task, money_to_save=save, money_lost=lost))
    return tasks, orders


def _totals(tasks: Sequence[Task], orders: int, penalty: Decimal) -> Totals:
    by_owner = Counter(task.owner for task in tasks)
    by_severity = Counter(task.severity for task in tasks)
    lost = sum((task.money_lost for task in tasks), NO_MONEY)
    return Totals(
        orders=orders,
        tasks=len(tasks),
        money_to_save=sum((task.money_to_save for task in tasks), NO_MONEY),
        money_lost=penalty,
        money_lost_over=penalty - lost,
        by_owner={owner: by_owner[owner] for owner in owners() if by_owner[owner]},
        by_severity={word: by_severity[word] for word in SEVERITIES[::-1] if by_severity[word]},
    )
