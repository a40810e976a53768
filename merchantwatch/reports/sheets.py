"""The sheets of the workbook: names, columns, rows. ``workbook.py`` writes them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple

from merchantwatch.language.text import Text
from merchantwatch.reports import (
    carriers,
    sheet_changes as changes,
    sheet_notes,
    sheet_tables as tables,
    since,
    work,
)
from merchantwatch.reports.sheet_tables import Row
from merchantwatch.results.model import Results
from merchantwatch.tasks import Task, owners

MOST_WITHOUT = 20
"""A warehouse with more tasks than this has a separate sheet."""

LONGEST_NAME = 31
"""How many UTF-16 units Excel lets the name of a sheet have."""

# Excel refuses to open a workbook with such a sheet, or repairs it.
_ILLEGAL = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_RESERVED = "history"
"""A name that Excel reserves."""

_TODAY = Text(zh="今日", en="Today")
_CHANGES = Text(zh="变化", en="Changes")
_TREND = Text(zh="趋势", en="Trend")
_OF_OWNER = Text(zh="{owner}任务", en="Tasks of {owner}")
_TABLES: tuple[tuple[Text, Sequence[Text], Callable[[Results], Iterator[Row]]], ...] = (
    (Text(zh="商品", en="Products"), tables.PRODUCTS, tables.products),
    (Text(zh="快递", en="Carriers"), carriers.COLUMNS, carriers.rows),
    (Text(zh="售后", en="Cases"), tables.CASES, tables.cases),
    (Text(zh="费用", en="Money"), tables.MONEY, tables.money),
    (Text(zh="发现", en="Findings"), tables.FINDINGS, tables.findings),
    (Text(zh="未评估", en="Not evaluated"), tables.NOT_EVALUATED, tables.not_evaluated),
    (Text(zh="说明", en="Notes"), sheet_notes.NOTES, sheet_notes.notes),
)


class Banner(NamedTuple):
    """A line above all rows of a sheet, and its colour."""

    text: Text
    colour: str


class Sheet(Struct, frozen=True):
    """One sheet: its name, the lines above its table, its columns, and its rows.

    Where it is ``charted``, a chart beside them shows its numbers over its first column.
    """

    name: str
    columns: Sequence[Text]
    rows: Iterable[Row]
    banner: tuple[Banner, ...] = ()
    charted: bool = False


def sheets(results: Results, *, by_owner: bool = True) -> Iterator[Sheet]:
    """Yield all sheets of a workbook in their order; the first has the alarms above its table.

    With ``by_owner`` there are sheets of the tasks of each owner and large warehouse, too.
    """
    names = Names()
    lang = results.lang
    # These first, so that no warehouse of such a name takes it from them.
    fixed = {name.zh: names.of(name.of(lang)) for name in (_TODAY, *(row[0] for row in _TABLES))}
    banner = tuple(Banner(text, colour) for text, colour in work.alarms(results))
    if results.platform_assumed:
        banner += (Banner(results.platform_assumed.text, "amber"),)
    banner += tuple(Banner(text, "") for text in since.head(results))
    yield _of_tasks(fixed[_TODAY.zh], results, since.listed_tasks(results), banner)
    if by_owner:
        for code in results.work.totals.by_owner:
            name = names.of(_OF_OWNER.fill(owner=owners()[code]).of(lang))
            yield _of_tasks(name, results, since.listed_tasks(results, code))
        for warehouse in _large_warehouses(results):
            yield _of_tasks(names.of(warehouse), results, _in(warehouse, results))
    if results.past is not None:
        yield Sheet(names.of(_CHANGES.of(lang)), changes.CHANGES, changes.changes(results))
    for title, columns, rows in _TABLES:
        yield Sheet(fixed[title.zh], columns, rows(results))
    if results.past is not None and results.past.trend:
        yield Sheet(names.of(_TREND.of(lang)), changes.TREND, changes.trend(results), charted=True)


def _in(warehouse: str, results: Results) -> Iterator[Task]:
    return (task for task in since.listed_tasks(results) if task.warehouse == warehouse)


def _large_warehouses(results: Results) -> list[str]:
    """Return the warehouses that have many tasks."""
    counts = Counter(task.warehouse for task in results.work.read_tasks())
    return [name for name, tasks in counts.items() if name and tasks > MOST_WITHOUT]


def _of_tasks(
    name: str, results: Results, tasks: Iterable[Task], banner: tuple[Banner, ...] = ()
) -> Sheet:
    """Return a sheet of tasks, which are read as it is written, never all in memory."""

    def rows() -> Iterator[Row]:
        for task in tasks:
            for row in work.rows([task], results.as_of, results.lang):
                yield Row(work.urgency(task, results.as_of), astuple(row))

    return Sheet(name, work.COLUMNS, rows(), banner)


class Names:
    """Names of sheets that Excel takes, each of them once."""

    def __init__(self) -> None:
        self._taken = {_RESERVED}

    def of(self, wanted: str) -> str:
        """Return a name like the wanted one, which no other sheet has."""
        plain = _ILLEGAL.sub(" ", wanted).strip(" '") or "-"
        number = 1
        while True:
            end = f" {number}" if number > 1 else ""
            name = _cut(plain, LONGEST_NAME - len(end)) + end
            # To Excel two names are equal where only upper and lower case differ.
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
            number += 1


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, at most a number of UTF-16 units long."""
    # Excel counts UTF-16 units, of which a sign outside the first plane has two.
    units = text.encode("utf-16-le", "replace")[: 2 * most]
    return units.decode("utf-16-le", "ignore").strip(" '") or "-"
