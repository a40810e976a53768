"""All tasks of a run in their order: those that the engine ranks, and those of whole findings."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from heapq import merge
from itertools import islice

from msgspec import Struct

from merchantwatch.reading.arrow import Row
from merchantwatch.results.records import Finding
from merchantwatch.rules import SEVERITIES
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.kinds import kinds, owners
from merchantwatch.tasks.lines import NO_MONEY
from merchantwatch.tasks.making import rank, task_of
from merchantwatch.tasks.of_findings import ScopeFacts
from merchantwatch.tasks.ranked import Ranked
from merchantwatch.tasks.records import SEVERE, SOON, Soon, Task, Totals, WorkList

MOST_TASKS = 3_000
"""How many tasks a report lists; all are counted, and can be read."""

_AT_ONCE = MOST_TASKS
"""How many tasks are fetched from the engine at a time."""

Fetch = Callable[[int, int, Sequence[str]], Sequence[Ranked]]
"""A function that fetches ranked tasks of some kinds, by offset and number."""


class Ranking(Struct, frozen=True):
    """The tasks that the engine has ranked: how many of each kind and severity, and all of them.

    Each of the ``counts`` says too of how many ``orders`` all tasks are together.
    """

    counts: Sequence[Row]
    fetch: Fetch


def work_list(
    ranking: Ranking, findings: Sequence[Finding], facts: ScopeFacts, penalty: Decimal | None
) -> WorkList:
    """Return what people have to do, the most urgent first, and what it adds up to.

    ``penalty`` is what all findings of the run cost together.
    """
    counts, scopes = ranking.counts, Scopes.of(findings)
    others = sorted(facts.tasks(findings), key=_urgency)

    def every(of: Collection[str] | None = None) -> Iterator[Task]:
        of_findings = (task for task in others if of is None or task.kind in of)
        # The engine sorts its own: merging holds one page of them, however many there are.
        return merge(_ranked(ranking, of, scopes), of_findings, key=_urgency)

    totals = _totals(counts, others, penalty or NO_MONEY, facts.as_of + SOON)
    return WorkList(tuple(islice(every(), MOST_TASKS)), totals, every)


def _ranked(ranking: Ranking, of: Collection[str] | None, scopes: Scopes) -> Iterator[Task]:
    """Yield the tasks that the engine has ranked, or those of some kinds, in their order."""
    wanted = [code for code in kinds() if of is None or code in of]
    tasks = sum(row["tasks"] for row in ranking.counts if row["kind"] in wanted)
    for first in range(0, tasks, _AT_ONCE):
        for ranked in ranking.fetch(first, _AT_ONCE, wanted):
            yield task_of(ranked, scopes)


def _urgency(task: Task) -> tuple[int, datetime, Decimal, str]:
    # As ``first_tasks.sql`` sorts: ``merge`` takes both in one order.
    due = task.due_at or datetime.max  # noqa: DTZ901  wall-clock time
    return (-rank(task.severity), due, -task.money_to_save, task.id)


def _totals(
    counts: Sequence[Row], others: Sequence[Task], penalty: Decimal, soon: datetime
) -> Totals:
    by_owner: Counter[str] = Counter()
    by_severity: Counter[str] = Counter()
    by_shop: Counter[tuple[str, str | None]] = Counter()
    save, lost, due = NO_MONEY, NO_MONEY, Soon()
    for row in (*counts, *(_counted(task, soon) for task in others)):
        severity = SEVERITIES[row["rank"]]
        by_owner[kinds()[row["kind"]].owner] += row["tasks"]
        by_severity[severity] += row["tasks"]
        by_shop[row["platform"], row["shop"]] += row["tasks"]
        save += row["money_to_save"]
        lost += row["money_lost"]
        if row["soon"]:
            severe = row["tasks"] if severity in SEVERE else 0
            money = due.money_to_save + row["money_to_save"]
            due = Soon(due.tasks + row["tasks"], due.severe + severe, money)
    return Totals(
        orders=counts[0]["orders"] if counts else 0,
        tasks=by_owner.total(),
        money_to_save=save,
        money_lost=penalty,
        money_lost_over=penalty - lost,
        by_owner={owner: by_owner[owner] for owner in owners() if by_owner[owner]},
        by_severity={word: by_severity[word] for word in SEVERITIES[::-1] if by_severity[word]},
        by_shop=dict(
            # By name where the counts are equal: a shop may be None, which text does not compare
            # with.
            sorted(by_shop.items(), key=lambda one: (-one[1], one[0][0], one[0][1] or ""))
        ),
        soon=due,
    )


def _counted(task: Task, soon: datetime) -> dict[str, object]:
    """Return a task that the engine has not ranked as a row of what it counts."""
    return {
        "kind": task.kind,
        "rank": rank(task.severity),
        "platform": task.platform,
        "shop": task.shop,
        "soon": task.due_at is not None and task.due_at <= soon,
        # In the columns of the engine's counts, so that one loop adds up both.
        "tasks": 1,
        "money_to_save": task.money_to_save,
        "money_lost": task.money_lost,
    }
