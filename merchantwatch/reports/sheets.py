"""The sheets of the workbook: names, columns, rows. ``workbook.py`` writes them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple, replace

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
from merchantwatch.reports.task_survey import TaskSurvey, surveyed
from merchantwatch.results.model import Results
from merchantwatch.tasks import Task, owners

MOST_WITHOUT = 20
"""A warehouse with more tasks than this has a separate sheet."""

MOST_WAREHOUSES = 100
"""At most as many warehouses have separate sheets: each is an open file while it is written."""

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
_Rows = Callable[[Results, TaskSurvey], Iterator[Row]]


def _without(rows: Callable[[Results], Iterator[Row]]) -> _Rows:
    """Return the rows of a table that needs no sums over tasks."""
    return lambda results, _survey: rows(results)


_TABLES: tuple[tuple[Text, Sequence[Text], _Rows], ...] = (
    (Text(zh="商品", en="Products"), tables.PRODUCTS, tables.products),
    (Text(zh="快递", en="Carriers"), carriers.COLUMNS, _without(carriers.rows)),
    (Text(zh="售后", en="Cases"), tables.CASES, _without(tables.cases)),
    (Text(zh="费用", en="Money"), tables.MONEY, tables.money),
    (Text(zh="发现", en="Findings"), tables.FINDINGS, _without(tables.findings)),
    (Text(zh="未评估", en="Not evaluated"), tables.NOT_EVALUATED, _without(tables.not_evaluated)),
    (Text(zh="说明", en="Notes"), sheet_notes.NOTES, _without(sheet_notes.notes)),
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
    rows: Iterable[Row] = ()
    banner: tuple[Banner, ...] = ()
    charted: bool = False


class Book(Struct, frozen=True):
    """The sheets in their order, and the rows of tasks, each with the names of its sheets.

    Sheets of tasks have no rows of their own: one reading of the tasks, of which there may be very
    many, gives the rows of all of them. The first sheet is of all tasks.
    """

    sheets: Sequence[Sheet]
    of_tasks: Iterator[tuple[Row, Sequence[str]]]


class _TaskSheets(Struct, frozen=True):
    """The names of the sheets of all tasks, of those of each owner, and of each large warehouse."""

    every: str
    by_owner: Mapping[str, str]
    by_warehouse: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        return [self.every, *self.by_owner.values(), *self.by_warehouse.values()]

    def of(self, task: Task) -> list[str]:
        others = self.by_owner.get(task.owner), self.by_warehouse.get(task.warehouse or "")
        return [self.every, *filter(None, others)]


def book(results: Results, *, by_owner: bool = True) -> Book:
    """Return the sheets of a workbook; the first has the alarms above its table.

    With ``by_owner`` there are sheets of the tasks of each owner and large warehouse, too.
    """
    names, lang = Names(), results.lang
    survey = surveyed(results.work.read_tasks())
    # These first, so that no warehouse of such a name takes it from them.
    fixed = {name.zh: names.of(name.of(lang)) for name in (_TODAY, *(row[0] for row in _TABLES))}
    of_tasks = _task_sheets(fixed[_TODAY.zh], results, survey, names, by_owner=by_owner)
    today, *others = (Sheet(name, work.COLUMNS) for name in of_tasks.names)
    sheets = [replace(today, banner=_banner(results)), *others]
    if results.past is not None:
        sheets.append(Sheet(names.of(_CHANGES.of(lang)), changes.CHANGES, changes.changes(results)))
    for name, columns, rows in _TABLES:
        sheets.append(Sheet(fixed[name.zh], columns, rows(results, survey)))
    if results.past is not None and results.past.trend:
        trend = changes.trend(results)
        sheets.append(Sheet(names.of(_TREND.of(lang)), changes.TREND, trend, charted=True))
    return Book(sheets, _task_rows(results, of_tasks))


def _task_sheets(
    every: str, results: Results, survey: TaskSurvey, names: "Names", *, by_owner: bool
) -> _TaskSheets:
    if not by_owner:
        return _TaskSheets(every, {}, {})
    titles = {
        code: _OF_OWNER.fill(owner=owners()[code]).of(results.lang)
        for code in results.work.totals.by_owner
    }
    return _TaskSheets(
        every,
        {code: names.of(title) for code, title in titles.items()},
        {warehouse: names.of(warehouse) for warehouse in _large(survey.warehouses)},
    )


def _task_rows(results: Results, sheets: _TaskSheets) -> Iterator[tuple[Row, Sequence[str]]]:
    for task in since.listed_tasks(results):
        cells = astuple(work.row(task, results.as_of, results.lang))
        yield Row(work.urgency(task, results.as_of), cells), sheets.of(task)


def _banner(results: Results) -> tuple[Banner, ...]:
    banner = [Banner(text, colour) for text, colour in work.alarms(results)]
    if results.platform_assumed:
        banner.append(Banner(results.platform_assumed.text, "amber"))
    return (*banner, *(Banner(text, "") for text in since.head(results)))


def _large(warehouses: Counter[str]) -> list[str]:
    """Return the warehouses that have many tasks, those with the most where they are very many."""
    most = {name for name, _ in warehouses.most_common(MOST_WAREHOUSES)}
    return [name for name, n in warehouses.items() if n > MOST_WITHOUT and name in most]


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
