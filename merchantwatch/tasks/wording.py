"""Tasks in words: the verb, then what it is about, how many, where; then what happens otherwise."""

import msgspec

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.wording import clock, money
from merchantwatch.tasks import identity
from merchantwatch.tasks.kinds import kinds
from merchantwatch.tasks.records import Moment, Task

NOTHING = Text(zh="", en="")

_MARKED = 4
"""How many last digits distinguish an id from its neighbours."""


def text(task: Task, lines: int) -> Text:
    """Return what to do about how many lines, until when, and what happens otherwise."""
    action = act(task, lines)
    until = _until(task)
    if task.then is None:
        counts = current_counts(task)
        return Text(
            zh=action.zh + until.zh + (f"；{counts.zh}" if counts.zh else ""),
            en=action.en + until.en + (f"; {counts.en}" if counts.en else ""),
        )
    then = otherwise(task.then)
    return Text(
        zh=f"{action.zh}{until.zh}；否则{then.zh}", en=f"{action.en}{until.en}; otherwise {then.en}"
    )


def act(task: Task, lines: int | None = None) -> Text:
    """Return what to do: the verb, what it is about, how many, and where."""
    verb, about, where = kinds()[task.kind].verb, subject(task, lines), place(task)
    return Text(
        zh=f"{verb.zh} {about.zh}" + (f"（{where.zh}）" if where.zh else ""),
        en=f"{verb.en} {about.en}" + (f" ({where.en})" if where.en else ""),
    )


def subject(task: Task, lines: int | None = None) -> Text:
    """Return what a task is about: the order or parcel or case, with its product and quantity."""
    per = kinds()[task.kind].per
    item = product(task)
    if per == "case" and task.case_id:
        return _named(Text(zh="售后单", en="case"), task.case_id, item)
    if per == "parcel" and task.tracking_no:
        return _named(Text(zh="运单", en="parcel"), task.tracking_no, item)
    if task.order_id and per != "product":
        return _named(Text(zh="订单", en="order"), task.order_id, item)
    if item:
        about = Text(zh=f"商品 {item}", en=f"product {item}")
    else:
        _, scope_key = identity.subject(task.kind, task.platform, task.shop, task.id)
        key = scope_key or task.shop or ""
        about = Text(zh=key or "店铺", en=key or "the shop")
    count = lines or len(task.lines)
    # "x3, 3 lines" says the same twice.
    if count == task.quantity or not (lines or task.names_all):
        return about
    return Text(zh=f"{about.zh}，{count} 行", en=f"{about.en}, {number_of(count, 'line')}")


def _named(kind: Text, number: str, item: str) -> Text:
    about = f" {item}" if item else ""
    return Text(zh=f"{kind.zh} {marked(number)}{about}", en=f"{kind.en} {marked(number)}{about}")


def act_about(kind: str, about: str, shop: str | None) -> Text:
    """Return what is to be done about what, for a task of which only this is known."""
    of_kind = kinds()[kind]
    named = marked(about) if of_kind.per in ("order", "parcel", "case") else about
    item = named or shop or ""
    where = Text(zh=f"（{shop}）", en=f" ({shop})") if shop and named else NOTHING
    return Text(
        zh=f"{of_kind.verb.zh} {item or '店铺'}{where.zh}",
        en=f"{of_kind.verb.en} {item or 'the shop'}{where.en}",
    )


def marked(number: str) -> str:
    """Return the last digits of an id, which distinguish it from its neighbours."""
    # A short id is shown whole: cutting it would save nothing.
    return f"…{number[-_MARKED:]}" if len(number) > 2 * _MARKED else number


def product(task: Task) -> str:
    """Return the product of a task and how many of it, as far as they are known."""
    name = task.product_name or task.product_id
    if not name:
        return ""
    return f"{name} ×{task.quantity}" if task.quantity else name


def place(task: Task) -> Text:
    """Return where it is: the shop, the warehouse, the carrier."""
    parts = [part for part in (task.shop, task.warehouse, task.carrier) if part]
    return Text(zh="，".join(parts), en=", ".join(parts))


def _until(task: Task) -> Text:
    if task.due_at is None:
        return NOTHING
    return Text(zh=f"，{clock(task.due_at)} 前", en=f" by {clock(task.due_at)}")


def current_counts(task: Task) -> Text:
    """Return the counts of a task that nothing makes worse; nothing for one that says what does."""
    if task.then is not None:
        return NOTHING
    counts = ", ".join(f"{one.code} {one.count:,}/{one.limit:,}" for one in task.effects)
    return Text(zh=f"现为 {counts}", en=f"now {counts}") if counts else NOTHING


def first_clause(moment: Moment) -> Text:
    """Return what happens otherwise, by the first clause alone: longer reports have the rest."""
    # Consequences of several clauses are joined by semicolons in the packs.
    clause = Text(zh=moment.text.zh.split("；")[0], en=moment.text.en.split("; ")[0])
    return otherwise(msgspec.structs.replace(moment, text=clause))


def otherwise(moment: Moment) -> Text:
    """Return what happens if it is not done, after what that takes."""
    if moment.money is None:
        return moment.text
    cost = money(moment.money)
    return Text(zh=f"{cost}：{moment.text.zh}", en=f"{cost}: {moment.text.en}")
