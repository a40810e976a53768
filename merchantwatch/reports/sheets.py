"""What the workbook holds, sheet by sheet: names, columns, rows; how it is written is elsewhere."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from merchantwatch.reports import sheet_notes, sheet_tables as tables, work
from merchantwatch.reports.sheet_tables import Row
from merchantwatch.results import Results
from merchantwatch.tasks import Task
from merchantwatch.texts import Text

MOST_WITHOUT = 20
"""A warehouse with more tasks than this has a sheet of its own."""

LONGEST_NAME = 31
"""How many UTF-16 units Excel lets the name of a sheet have."""

_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_RESERVED = "history"

_TODAY = Text(zh="今日", en="Today")
_OF_OWNER = Text(zh="{owner}任务", en="Tasks of {owner}")
_TABLES: tuple[tuple[Text, Sequence[Text], Callable[[Results], Iterator[Row]]], ...] = (
    (Text(zh="商品", en="Products"), tables.PRODUCTS, tables.products),
    (Text(zh="售后", en="Cases"), tables.CASES, tables.cases),
    (Text(zh="费用", en="Money"), tables.MONEY, tables.money),
    (Text(zh="发现", en="Findings"), tables.FINDINGS, tables.findings),
    (Text(zh="未评估", en="Not evaluated"), tables.NOT_EVALUATED, tables.not_evaluated),
    (Text(zh="说明", en="Notes"), sheet_notes.NOTES, sheet_notes.notes),
)


class Banner(NamedTuple):
    """What stands above all rows of a sheet, and its colour."""

    text: Text
    colour: str


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, what is said before anything else, its columns, and its rows."""

    name: str
    columns: Sequence[Text]
    rows: Iterable[Row]
    banner: tuple[Banner, ...] = ()


def sheets(results: Results, *, parted: bool = True) -> Iterator[Sheet]:
    """Yield all sheets of a workbook in their order; the first says what is to be said first.

    Where they are ``parted``, tasks stand on sheets of their owners and warehouses too.
    """
    names = Names()
    lang, tasks = results.lang, results.work.tasks
    fixed = {name.zh: names.of(name.of(lang)) for name in (_TODAY, *(row[0] for row in _TABLES))}
    banner = tuple(Banner(text, colour) for text, colour in work.alarms(results))
    yield _of_tasks(fixed[_TODAY.zh], tasks, results, banner)
    if parted:
        for _, owner, of_owner in work.by_owner(results):
            name = names.of(_OF_OWNER.fill(owner=owner).of(lang))
            yield _of_tasks(name, of_owner, results)
        for warehouse, of_warehouse in _by_warehouse(tasks).items():
            yield _of_tasks(names.of(warehouse), of_warehouse, results)
    for title, columns, rows in _TABLES:
        yield Sheet(fixed[title.zh], columns, rows(results))


def _by_warehouse(tasks: Sequence[Task]) -> dict[str, list[Task]]:
    """Return the warehouses that have many tasks, each with these."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        if task.warehouse:
            found.setdefault(task.warehouse, []).append(task)
    return {name: some for name, some in found.items() if len(some) > MOST_WITHOUT}


def _of_tasks(
    name: str, tasks: Sequence[Task], results: Results, banner: tuple[Banner, ...] = ()
) -> Sheet:
    rows = work.rows(list(tasks), results.as_of, results.lang)
    told = (
        Row(work.urgency(task, results.as_of), tuple(vars(row).values()))
        for task, row in zip(tasks, rows, strict=True)
    )
    return Sheet(name, work.COLUMNS, told, banner)


class Names:
    """Names of sheets that Excel takes, each of them once."""

    def __init__(self) -> None:
        self._taken = {_RESERVED}

    def of(self, wanted: str) -> str:
        """Return a name like the one that is wanted, which no other sheet has."""
        plain = _ILLEGAL.sub(" ", wanted).strip(" '") or "-"
        number = 1
        while True:
            end = f" {number}" if number > 1 else ""
            name = _cut(plain, LONGEST_NAME - len(end)) + end
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
            number += 1


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text of so many UTF-16 units."""
    units = text.encode("utf-16-le", "replace")[: 2 * most]
    return units.decode("utf-16-le", "ignore").strip(" '") or "-"
