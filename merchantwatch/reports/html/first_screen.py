"""The first screen, for an operations manager: is it bad, what first, how much, whose, how sure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports import shops, since, summary, work
from merchantwatch.results.model import Results
from merchantwatch.results.records import STALE_AFTER, STALE_EXPORT
from merchantwatch.results.wording import money, span
from merchantwatch.tasks import SOON, Task
from merchantwatch.tasks.wording import first_clause

MOST_URGENT = 3
"""How many tasks the first screen describes in full."""

MOST_CONSEQUENCES = 3
"""How many consequences are shown under the sentence."""

MOST_MOMENTS = 200
"""To how many moments the page can count down, one after the other."""

MOST_FILES = 4
"""For how many shops the first screen shows the time of their export."""


COLOURS = {"red": "red", "yellow": "amber", "green": "green", "": ""}
"""The names of a verdict's colours on the page."""


class FirstScreen(Struct, frozen=True):
    """The first screen; ``colour`` is that of its sentence, empty where it has none.

    ``moments`` are the next tasks that are due, one for each minute: the page counts down to the
    first that is not over when it is read.
    """

    sentence: Text
    otherwise: tuple[tuple[Text, int], ...]
    colour: str
    moments: tuple[Task, ...]
    urgent: tuple[Task, ...]
    money: tuple[tuple[str, str, str], ...]
    shops: list[tuple[shops.Shop, Text, int]]
    data: Text
    data_is_old: bool
    exported: tuple[tuple[Text, bool], ...]


def first_screen(results: Results) -> FirstScreen:
    """Return what the first screen shows."""
    tasks = since.first_tasks(results, None, len(results.work.tasks))
    return FirstScreen(
        sentence=work.headline(results),
        otherwise=tuple(_otherwise(results))[:MOST_CONSEQUENCES],
        colour=_colour(results),
        moments=tuple(_moments(tasks, results.as_of)),
        urgent=tuple(tasks[:MOST_URGENT]),
        money=tuple(_money(results)),
        shops=shops.by_shop(results),
        data=summary.data_line(results),
        data_is_old=bool(results.failed) or any(n.code == STALE_EXPORT for n in results.notes),
        exported=tuple(_exported(results)),
    )


def _moments(tasks: Iterable[Task], as_of: datetime) -> list[Task]:
    """Return the first task of each minute until a page counts as old, or as many as have room."""
    first: dict[datetime, Task] = {}
    due = [(task.due_at, task) for task in tasks if task.due_at is not None]
    for at, task in sorted(due, key=lambda pair: pair[0]):
        # A day after as-of the page counts no more: later moments would never be shown.
        if not first or at <= as_of + SOON:
            # Within a minute the first is enough: the page shows minutes.
            first.setdefault(at.replace(second=0), task)
    # Evenly spread, so that the countdown goes on for the whole day.
    every = -(-len(first) // MOST_MOMENTS) or 1
    return list(first.values())[::every]


def _otherwise(results: Results) -> Iterator[tuple[Text, int]]:
    """Yield the consequences of not doing urgent tasks, each with its number of tasks."""
    until = results.as_of + SOON
    urgent = [
        task
        for task in results.work.tasks
        if task.severity == "critical" or (task.due_at is not None and task.due_at <= until)
    ]
    by_code = {task.then.code: task.then for task in urgent if task.then}
    # The money of one task would be wrong beside the number of all.
    counts = Counter(task.then.code for task in urgent if task.then)
    for code, then in by_code.items():
        yield first_clause(msgspec.structs.replace(then, money=None)), counts[code]


def _colour(results: Results) -> str:
    """Return the colour of the verdict: green only where all was judged and nothing is to do."""
    if results.nothing_judged:
        return "amber"
    totals = results.work.totals
    if totals.by_severity.get("critical") or totals.soon.tasks:
        return "red"
    if totals.tasks:
        return "amber"
    return COLOURS[summary.colour(results)] or "amber"


def _money(results: Results) -> Iterator[tuple[str, str, str]]:
    """Yield lost, goes today, can be saved: name, sum, colour; nothing if no rule costs money."""
    totals = results.work.totals
    if results.nothing_judged or not (totals.money_lost or totals.money_to_save):
        return
    today = totals.soon.money_to_save
    yield "lost", money(totals.money_lost), "red" if totals.money_lost else ""
    yield "goes_today", money(today), "amber" if today else ""
    yield "to_save", money(totals.money_to_save), ""


def _exported(results: Results) -> Iterator[tuple[Text, bool]]:
    """Yield for each shop, of several, when its orders were exported, the oldest first."""
    newest: dict[str | None, datetime] = {}
    for item in results.inputs:
        if item.kind == "orders" and item.exported_at and item.exported_at <= results.as_of:
            # Of one shop the newest export counts: its rows win.
            known = newest.get(item.shop, item.exported_at)
            newest[item.shop] = max(known, item.exported_at)
    old = any(note.code == STALE_EXPORT for note in results.notes)
    for shop, at in sorted(newest.items(), key=lambda pair: pair[1])[:MOST_FILES]:
        if len({*newest.values()}) > 1 or old:
            age = span(results.as_of - at)
            name = Text(zh=shop or "（未注明店铺）", en=shop or "(shop not named)")
            text = Text(zh="{shop} {age}前导出", en="{shop} exported {age} ago")
            yield text.fill(shop=name, age=age), old and results.as_of - at > STALE_AFTER
