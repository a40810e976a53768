"""All tasks of a run in their order: of what the engine has ranked, and of findings as a whole."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from heapq import merge
from itertools import islice
from typing import Any

from merchantwatch.findings import Finding
from merchantwatch.rules import SEVERITIES, Rulebook
from merchantwatch.tasks import of_findings
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.kinds import kinds, owners
from merchantwatch.tasks.lines import NO_MONEY, Row
from merchantwatch.tasks.making import drafts, rank, task_of
from merchantwatch.tasks.records import Task, Totals, WorkList

MOST_TASKS = 2_000
"""How many tasks a report lists; all are counted, and can be read."""

_AT_ONCE = 2_000
"""So many tasks are fetched from the engine at a time."""

Fetch = Callable[[int, int], Sequence[Row]]
"""What fetches the rows of tasks: from the one at a place on, so many."""


def work_list(
    fetch: Fetch,
    counts: Sequence[Mapping[str, Any]],
    findings: Sequence[Finding],
    book: Rulebook,
    penalty: Decimal | None,
    as_of: datetime,
) -> WorkList:
    """Return what people have to do, the most urgent first, and what it adds up to.

    ``counts`` are the tasks that the engine has ranked, by kind and severity, ``fetch`` reads them;
    ``penalty`` is what all findings of the run cost together.
    """
    scopes = Scopes.of(findings)
    rules = {bound.code: bound.rule for bound in book.rules}
    others = sorted(of_findings.tasks(findings, rules, as_of), key=_urgency)

    ranked = sum(row["tasks"] for row in counts)

    def every() -> Iterator[Task]:
        return merge(_ranked(fetch, ranked, scopes), others, key=_urgency)

    totals = _totals(counts, others, penalty or NO_MONEY)
    return WorkList(tuple(islice(every(), MOST_TASKS)), totals, every)


def _ranked(fetch: Fetch, tasks: int, scopes: Scopes) -> Iterator[Task]:
    """Yield the tasks that the engine has ranked, in their order."""
    for first in range(0, tasks, _AT_ONCE):
        for draft, ranked in drafts(fetch(first, _AT_ONCE), scopes):
            yield task_of(draft, ranked, scopes)


def _urgency(task: Task) -> tuple[int, datetime, Decimal, str]:
    due = task.due_at or datetime.max  # noqa: DTZ901  wall-clock time
    return (-rank(task.severity), due, -task.money_to_save, task.id)


def _totals(
    counts: Iterable[Mapping[str, Any]], others: Sequence[Task], penalty: Decimal
) -> Totals:
    by_owner = Counter(task.owner for task in others)
    by_severity = Counter(task.severity for task in others)
    orders, save, lost = 0, NO_MONEY, NO_MONEY
    for row in counts:
        by_owner[kinds()[row["kind"]].owner] += row["tasks"]
        by_severity[SEVERITIES[row["rank"]]] += row["tasks"]
        orders += row["orders"]
        save += row["money_to_save"]
        lost += row["money_lost"]
    return Totals(
        orders=orders,
        tasks=by_owner.total(),
        money_to_save=save,
        money_lost=penalty,
        money_lost_over=penalty - lost,
        by_owner={owner: by_owner[owner] for owner in owners() if by_owner[owner]},
        by_severity={word: by_severity[word] for word in SEVERITIES[::-1] if by_severity[word]},
    )
