"""What all tasks together add up to, by one reading of them: there may be very many."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct, field

from merchantwatch.results.records import FindingKey
from merchantwatch.tasks import Task


class TaskSurvey(Struct, frozen=True):
    """Sums over all tasks.

    ``warehouses``  how many tasks each warehouse has
    ``done``        what they add to the count of each scope if all of them are done
    ``left``        what they add to it if none is
    ``to_save``     what can be saved, by the rule whose moment is next
    """

    warehouses: Counter[str] = field(default_factory=Counter)
    done: Counter[FindingKey] = field(default_factory=Counter)
    left: Counter[FindingKey] = field(default_factory=Counter)
    to_save: dict[str, Decimal] = field(default_factory=dict)


def surveyed(tasks: Iterable[Task]) -> TaskSurvey:
    """Return the sums over tasks."""
    found = TaskSurvey()
    for task in tasks:
        if task.warehouse:
            found.warehouses[task.warehouse] += 1
        # A task of several rules stands under the one whose moment is next: sums stay sums.
        code = task.then.code if task.then else task.rules[0]
        found.to_save[code] = found.to_save.get(code, Decimal(0)) + task.money_to_save
        for effect in task.effects:
            scope = FindingKey(effect.code, task.platform, task.shop, effect.key)
            found.done[scope] += effect.if_done - effect.count
            found.left[scope] += effect.if_not - effect.count
    return found
