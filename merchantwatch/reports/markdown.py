"""Markdown: short, as a message for DingTalk, Feishu and WeCom; and long, with tables.

A sign in a name that means something in Markdown, HTML or a chat is written in its full-width form:
there is no way to escape it that all of them understand.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import IO

from msgspec.structs import replace

from merchantwatch.language.text import Text
from merchantwatch.reports import since, summary, suppressed, work
from merchantwatch.reports.sheet_tables import Cell
from merchantwatch.reports.sheets import Sheet, book
from merchantwatch.results.model import Results
from merchantwatch.results.wording import clock
from merchantwatch.support.harmless import harmless
from merchantwatch.tasks import Task
from merchantwatch.tasks.wording import act, current_counts

MOST_TASKS = 10
MOST_ALARMS = 3
MOST_ROWS = 200
"""How many rows of a table the long form has."""

MOST_SIGNS = 3_500
"""The number of characters a message to WeCom may have, as its senders report."""

MOST_BYTES = 4_096
"""The lowest limit of a message in bytes: WeCom's; DingTalk takes 20,000, Feishu 30,000."""

_LONGEST_ALARM, _LONGEST_TASK, _LONGEST_PATH, _LONGEST_UNJUDGED = 120, 160, 160, 240
_LONGEST_PLATFORM = 400  # its hint stands at the end, after the names of files
_MARKS = {"red": "🔴", "amber": "🟡", "green": "🟢", "": "⚪"}
# Full-width forms lie at a fixed distance from ASCII: U+FF01 is the "!" of U+0021.
_WIDE = str.maketrans(
    {sign: chr(ord(sign) + 0xFEE0) for sign in r"\`*_~[]<>|&@"} | dict.fromkeys("\t\r\n", " ")
)
# Chats turn these into links by themselves, whatever Markdown says.
_LINKS = re.compile(r"(?i)(?<=[a-z0-9]):(?=//)|(?<=www)\.|(?<=javascript):")
_WORDS = {
    "title": Text(zh="合规风险", en="Compliance risk"),
    "data": Text(zh="数据", en="Data"),
    "platform": Text(zh="平台", en="Platform"),
    "trend": Text(zh="任务走势", en="Tasks, run by run"),
    "money": Text(zh="金额", en="Money"),
    "whose": Text(zh="谁来做", en="Whose work"),
    "todo": Text(zh="先做什么", en="What to do first"),
    "otherwise": Text(zh="否则", en="otherwise"),
    "more": Text(zh="…… 另有 {n} 件", en="… and {n} more"),
    "no_tasks": Text(zh="没有任务", en="nothing to do"),
    "unjudged": Text(zh="未判定", en="Not judged"),
    "workbook": Text(zh="工作簿", en="Workbook"),
    "rows": Text(zh="…… 另有 {n} 行，见 -o xlsx:路径", en="… and {n|more row}: -o xlsx:PATH"),
    "nothing": Text(zh="无", en="nothing"),
}


def render(results: Results, file: IO[bytes]) -> None:
    """Write the short form: as many of the first tasks as a message has room for."""
    listed, count = work.listed(results, MOST_TASKS)
    tasks = listed[:MOST_TASKS]
    # The least urgent go first, until the message has room: a service cuts where it likes.
    while True:
        message = "\n\n".join(_message(results, tasks, count)) + "\n"
        if not tasks or (len(message) <= MOST_SIGNS and len(message.encode()) <= MOST_BYTES):
            break
        tasks = tasks[:-1]
    # Without any task the message may still be too long: a service would refuse it as a whole.
    file.write(message.encode()[:MOST_BYTES].decode(errors="ignore").encode())


def render_long(results: Results, file: IO[bytes]) -> None:
    """Write the long form: the same, with the tables of the workbook."""
    tasks, count = work.listed(results, MOST_TASKS)
    file.write(("\n\n".join(_message(results, tasks, count)) + "\n").encode())
    tables = book(results, by_owner=False)
    today, *others = tables.sheets
    listed = replace(today, rows=(row for row, _ in tables.of_tasks))
    for sheet in (listed, *others):
        for line in _table(sheet, results.lang):
            file.write(f"{line}\n".encode())


def _message(results: Results, tasks: list[Task], count: int) -> Iterator[str]:
    lang = results.lang
    words = {name: text.of(lang) for name, text in _WORDS.items()}
    yield f"### {words['title']} {clock(results.as_of)}"
    alarms = list(work.alarms(results))
    for text, colour in alarms[:MOST_ALARMS]:
        yield f"{_MARKS[colour]} **{quoted(text.of(lang), _LONGEST_ALARM)}**"
    if len(alarms) > MOST_ALARMS:
        yield words["more"].replace("{n}", f"{len(alarms) - MOST_ALARMS:,}")
    yield f"{words['data']}: {quoted(summary.data_line(results).of(lang))}"
    if results.platform_assumed:
        assumed = quoted(results.platform_assumed.text.of(lang), _LONGEST_PLATFORM)
        yield f"{_MARKS['amber']} {words['platform']}: {assumed}"
    yield from _changed(results)
    if results.work.tasks and not results.nothing_judged:
        yield f"**{work.sentence(results).of(lang)}**"
    cost = None if results.nothing_judged else work.money_line(results)
    if cost:
        yield f"{words['money']}: {cost.of(lang)}"
    if results.work.tasks:
        yield f"{words['whose']}: {work.owners_line(results).of(lang)}"
        yield f"**{words['todo']}{work.whose(results).of(lang)}**"
        yield "\n".join(_tasks(results, tasks)) or words["no_tasks"]
        if count > len(tasks):
            yield words["more"].replace("{n}", f"{count - len(tasks):,}")
    unjudged = quoted(summary.unjudged_line(results).of(lang), _LONGEST_UNJUDGED)
    yield f"{words['unjudged']}: {unjudged}"
    yield from _suppressed(results)
    if results.view.workbook:
        yield f"{words['workbook']}: {quoted(results.view.workbook[-_LONGEST_PATH:])}"


def _suppressed(results: Results) -> Iterator[str]:
    """Yield how much is suppressed, and by which entries."""
    suppressed_counts = suppressed.counts(results)
    if suppressed_counts:
        rows = list(suppressed.rows(results))
        lines = [f"- {quoted(item.line.of(results.lang), _LONGEST_ALARM)}" for item in rows]
        more = [] if len(rows) <= MOST_ALARMS else [f"- … {len(rows) - MOST_ALARMS:,}"]
        yield "\n".join([f"{suppressed_counts.of(results.lang)}:", *lines[:MOST_ALARMS], *more])


def _changed(results: Results) -> Iterator[str]:
    """Yield what has changed since the last run, and how the last runs went."""
    for text in since.head(results):
        yield text.of(results.lang)
    bars = since.sparkline(results)
    if bars:
        yield f"{_WORDS['trend'].of(results.lang)}: {bars} {results.work.totals.tasks:,}"


def _tasks(results: Results, tasks: list[Task]) -> Iterator[str]:
    """Yield a line for each task: how urgent, time left, what to do, and what happens otherwise."""
    lang = results.lang
    for number, task in enumerate(tasks, start=1):
        mark = _MARKS[work.urgency(task, results.as_of)]
        left = work.time_left(task, results.as_of).of(lang)
        what = quoted(act(task).of(lang), _LONGEST_TASK)
        counts = current_counts(task).of(lang)
        then = f" — {counts}" if counts else ""
        if task.then:
            otherwise = quoted(work.otherwise_briefly(task).of(lang), _LONGEST_TASK)
            then = f" — {_WORDS['otherwise'].of(lang)} {otherwise}"
        yield f"{number}. {mark} **{left}** {what}{then}"


def _table(sheet: Sheet, lang: str) -> Iterator[str]:
    """Yield a table, of which as many rows are shown as one reads, and how many more there are."""
    yield f"\n## {quoted(sheet.name)}\n"
    rows = iter(sheet.rows)
    shown = list(islice(rows, MOST_ROWS))
    if not shown:
        yield _WORDS["nothing"].of(lang)
        return
    yield f"| {' | '.join(title.of(lang) for title in sheet.columns)} |"
    yield f"|{'---|' * len(sheet.columns)}"
    for row in shown:
        yield f"| {' | '.join(map(_cell, row.cells))} |"
    # Read to the end, as only the source knows how many rows there are.
    more = sum(1 for _ in rows)
    if more:
        yield "\n" + _WORDS["rows"].fill(n=f"{more:,}").of(lang)


def _cell(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return clock(cell)
    if isinstance(cell, Decimal):
        return f"{cell:,.2f}"
    return "" if cell is None else quoted(str(cell))


def quoted(text: str, most: int | None = None) -> str:
    """Return a text in one line, without signs that Markdown, HTML or a chat would interpret."""
    shown = _LINKS.sub(lambda found: chr(ord(found[0]) + 0xFEE0), harmless(text.translate(_WIDE)))
    shown = shown.translate(_WIDE)  # what was harmful is shown with a backslash
    return shown if most is None or len(shown) <= most else f"{shown[: most - 1]}…"
