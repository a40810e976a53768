"""Tasks in words, for every report: the opening sentence, the money, the owners."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.reports import since, summary
from merchantwatch.results.model import Results
from merchantwatch.results.wording import money, span
from merchantwatch.tasks import SEVERE, SOON, Soon, Task, kinds, owners
from merchantwatch.tasks.wording import act, current_counts, first_clause, otherwise

MOST_GUARDS = 5
"""At most this many reasons not to trust the inputs are named; the JSON report has all."""


def time_left(task: Task, as_of: datetime) -> Text:
    """Return how long there is to do a task, or that no moment is known."""
    if task.due_at is None:
        return Text(zh="尽快", en="soon")
    return span(task.due_at - as_of)


def otherwise_briefly(task: Task) -> Text:
    """Return what happens if a task is not done, in one clause, and what doing it saves.

    Nothing where that is unknown.
    """
    if task.then is None:
        return Text(zh="", en="")
    then = first_clause(task.then)
    # A reader would add up two sums in one clause.
    if task.then.money is not None or not task.money_to_save:
        return then
    saved = money(task.money_to_save)
    return Text(zh=f"{then.zh}；可保 {saved}", en=f"{then.en}; {saved} to save")


def sentence(results: Results) -> Text:
    """Return the opening sentence: what is lost for good by tomorrow, and what else waits."""
    soon, tasks = results.work.totals.soon, results.work.totals.tasks
    if results.nothing_judged:
        return results.nothing_judged
    if not tasks:
        return _without_tasks(results)
    others = tasks - soon.tasks
    parts = []
    if soon.tasks:
        parts.append(_by_severity(soon))
    if others:
        rest = _MORE if soon.tasks else _THINGS
        parts.append(rest.fill(n=f"{others:,}"))
    return Text(zh="；".join(p.zh for p in parts), en="; ".join(p.en for p in parts))


def headline(results: Results) -> Text:
    """Return the opening sentence, or the summary's verdict where nothing was found."""
    found = results.work.totals.tasks or results.findings
    return sentence(results) if found else summary.verdict_line(results)


def _without_tasks(results: Results) -> Text:
    """Return that nothing can be done: nothing was found, or it is over, or asks for no task."""
    if not results.findings:
        return Text(
            zh="在已判定的范围内，没有要做的事", en="nothing to do, in what could be judged"
        )
    broken, near = results.total("breached"), results.total("near")
    lost = results.work.totals.money_lost
    parts = [
        Text(zh=f"{broken:,} 项已触线", en=f"{broken:,} broken") if broken else None,
        Text(zh=f"已损失 {money(lost)}", en=f"{money(lost)} lost") if lost else None,
        Text(zh=f"{near:,} 项临近", en=f"{near:,} near") if near else None,
    ]
    shown = [part for part in parts if part]
    of_task = {entry.code for entry in results.entries if entry.tasks}
    # A rate or a signal that never makes a task may still need a decision: it is not over.
    lead = _OVER if all(finding.code in of_task for finding in results.findings) else _TO_LOOK_AT
    found = Text(zh="，".join(p.zh for p in shown), en=", ".join(p.en for p in shown))
    within = Text(zh="", en="") if results.everything_judged else _WITHIN
    return lead.fill(found=found, within=within)


_OVER = Text(
    zh="{within}没有还能补救的事，只剩结果：{found}",
    en="nothing is left to do{within}; what it came to: {found}",
)
_TO_LOOK_AT = Text(
    zh="{within}没有列出任务，但请看一下结果：{found}",
    en="no task{within}, but look at what was found: {found}",
)
_MORE = Text(zh="另有 {n} 件待办", en="{n} more to do")
_THINGS = Text(zh="{n} 件待办", en="{n|thing} to do")
_WITHIN = Text(zh="在已判定的范围内，", en=" in what could be judged")


def _by_severity(soon: Soon) -> Text:
    count, severe = f"{soon.tasks:,}", soon.severe
    text = Text(
        zh=f"{count} 件事 24 小时内不做就无法挽回",
        en=f"{number_of(count, 'thing')} must be done within 24 hours",
    )
    if not severe or severe == soon.tasks:
        return text
    en = f"{text.en}, {severe:,} of them high or critical"
    return Text(zh=f"{text.zh}，其中 {severe:,} 件严重", en=en)


def alarms(results: Results) -> Iterator[tuple[Text, str]]:
    """Yield the alarms at the top, each with its colour: that little or nothing was judged.

    Or that nothing is to be done, in green only where all was judged and nothing is near.
    """
    if results.nothing_judged:
        yield results.nothing_judged, "amber"
    for text in results.failed:
        yield Text(zh=f"读不了的文件：{text.zh}", en=f"not read: {text.en}"), "red"
    for text in guard_lines(results):
        yield text, "amber"
    if not (results.nothing_judged or results.work.tasks):
        clear = results.everything_judged and not results.findings
        yield sentence(results), "green" if clear else "amber"


def guard_lines(results: Results) -> list[Text]:
    """Return why the inputs may be wrong or incomplete, a line for each reason."""
    texts = [guard.text for guard in results.guards]
    more = len(texts) - MOST_GUARDS
    if more <= 0:
        return texts
    rest = Text(
        zh=f"…… 另有 {more:,} 条，见 JSON 报告", en=f"… and {more:,} more, in the JSON report"
    )
    return [*texts[:MOST_GUARDS], rest]


def urgency(task: Task, as_of: datetime) -> str:
    """Return the colour of a task: red where something severe happens within a day."""
    # Without a moment the damage is done already: waiting gains nothing.
    soon = task.due_at is None or task.due_at - as_of <= SOON
    severe = task.severity in SEVERE
    return "red" if soon and severe else "amber" if soon or severe else ""


def money_line(results: Results) -> Text | None:
    """Return what is lost, what goes today, and what can be saved; None where no rule costs money.

    Where the amounts of the broken orders are unknown, the line says so.
    """
    totals = results.work.totals
    unknown = results.total("breached") and not results.stakes
    if not (totals.money_lost or totals.money_to_save):
        return _UNKNOWN if unknown else None
    text = Text(
        zh="已损失 {lost}（{over} 已无法挽回）· 24 小时内再失 {today} · 可保 {save}",
        en="lost {lost} ({over} for good) · {today} more within 24 h · {save} to save",
    ).fill(
        lost=money(totals.money_lost),
        over=money(totals.money_lost_over),
        today=money(totals.soon.money_to_save),
        save=money(totals.money_to_save),
    )
    if not unknown:
        return text
    return Text(zh=f"{text.zh}；{_UNKNOWN.zh}", en=f"{text.en}; {_UNKNOWN.en}")


_UNKNOWN = Text(zh="触线订单金额未知", en="amount of the broken orders unknown")


class Owner(Struct, frozen=True):
    """Whose work it is: the first tasks, and how many there are."""

    code: str
    name: Text
    tasks: list[Task]
    count: int


def by_owner(results: Results, most: int) -> list[Owner]:
    """Return each owner that has tasks with the first of them."""
    counts = results.work.totals.by_owner.items()
    return [
        Owner(code, owners()[code], since.first_tasks(results, code, most), count)
        for code, count in counts
    ]


def owners_line(results: Results) -> Text:
    """Return whose work it is: the count of each owner, of all, of their orders, and how severe."""
    totals = results.work.totals
    counts = totals.by_owner.items()
    by_severity = totals.by_severity.items()
    n, orders = totals.tasks, totals.orders
    return Text(
        zh=" · ".join(f"{owners()[owner].zh} {n:,}" for owner, n in counts)
        + f"；共 {n:,} 件，{orders:,} 单："
        + " ".join(f"{_SEVERITIES[word].zh} {n:,}" for word, n in by_severity),
        en=" · ".join(f"{owners()[owner].en} {n:,}" for owner, n in counts)
        + f"; {n:,} in all, of {number_of(orders, 'order')}: "
        + ", ".join(f"{n:,} {_SEVERITIES[word].en}" for word, n in by_severity),
    )


_SEVERITIES = {
    "critical": Text(zh="极高", en="critical"),
    "high": Text(zh="高", en="high"),
    "medium": Text(zh="中", en="medium"),
    "low": Text(zh="低", en="low"),
}


def listed(results: Results, most: int) -> tuple[list[Task], int]:
    """Return the first tasks that a report in words lists, and how many there are to list."""
    view = results.view
    if view.new_only:
        found = list(since.listed_tasks(results, view.owner))
        # The totals count all tasks: what is new must be read to be counted.
        return found[: view.top or most], len(found)
    totals = results.work.totals
    count = totals.tasks if view.owner is None else totals.by_owner.get(view.owner, 0)
    return since.first_tasks(results, view.owner, view.top or most), count


def whose(results: Results) -> Text:
    """Return in brackets whose tasks alone are listed; nothing where all are."""
    if results.view.owner is None:
        return Text(zh="", en="")
    name = owners()[results.view.owner]
    return Text(zh=f"（{name.zh}）", en=f" ({name.en})")


class Row(Struct, frozen=True):
    """One task as a table shows it, in the order in which people print it."""

    left: str
    due_at: datetime | None
    what: str
    order_id: str | None
    product: str
    quantity: int | None
    warehouse: str | None
    carrier: str | None
    tracking_no: str | None
    amount: Decimal | None
    to_save: Decimal
    lost: Decimal
    why: str


COLUMNS = (
    Text(zh="剩余", en="Time left"),
    Text(zh="截止", en="Due"),
    Text(zh="动作", en="Action"),
    Text(zh="订单号", en="Order"),
    Text(zh="商品", en="Product"),
    Text(zh="数量", en="Quantity"),
    Text(zh="仓库", en="Warehouse"),
    Text(zh="快递", en="Carrier"),
    Text(zh="运单号", en="Tracking number"),
    Text(zh="金额", en="Amount"),
    Text(zh="可避免损失", en="Can be saved"),
    Text(zh="已损失", en="Lost"),
    Text(zh="依据", en="Why"),
)
"""The names of the columns of a table of tasks, in the order of ``Row``."""


def _action(task: Task) -> Text:
    """Return what to do; what it is about only where no other column says so."""
    named = task.order_id or task.product_id
    return kinds()[task.kind].title if named else act(task)


def row(task: Task, as_of: datetime, lang: str) -> Row:
    """Return a task as a table shows it, in one language."""
    then = (otherwise(task.then) if task.then else current_counts(task)).of(lang)
    shop = Text(zh=f"（{task.shop}）", en=f"({task.shop})").of(lang) if task.shop else ""
    return Row(
        left=time_left(task, as_of).of(lang),
        due_at=task.due_at,
        what=_action(task).of(lang),
        order_id=task.order_id,
        product=task.product_name or task.product_id or "",  # how many has its own column
        quantity=task.quantity,
        warehouse=task.warehouse,
        carrier=task.carrier,
        tracking_no=task.tracking_no,
        amount=task.amount,
        to_save=task.money_to_save,
        lost=task.money_lost,
        why=" ".join(filter(None, (*task.rules, then, shop))),
    )
