"""Tasks in words: the verb, then what it is about, how many, where; then what happens otherwise."""

import msgspec

from merchantwatch.language.plurals import number_of
from merchantwatch.language.text import Text
from merchantwatch.results.wording import clock, money
from merchantwatch.tasks.kinds import kinds
from merchantwatch.tasks.records import Moment, Task

NOTHING = Text(zh="", en="")

_MARKED = 4
"""How many last digits tell an id from its neighbours."""


def text(task: Task, lines: int) -> Text:
    """Return what to do about how many lines, until when, and what happens otherwise."""
    action = act(task, lines)
    until = _until(task)
    if task.then is None:
        stands = standing(task)
        return Text(
            zh=action.zh + until.zh + (f"；{stands.zh}" if stands.zh else ""),
            en=action.en + until.en + (f"; {stands.en}" if stands.en else ""),
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
    thing = product(task)
    if per == "case" and task.case_id:
        return _named(Text(zh="售后单", en="case"), task.case_id, thing)
    if per == "parcel" and task.tracking_no:
        return _named(Text(zh="运单", en="parcel"), task.tracking_no, thing)
    if task.order_id and per != "product":
        return _named(Text(zh="订单", en="order"), task.order_id, thing)
    if thing:
        about = Text(zh=f"商品 {thing}", en=f"product {thing}")
    else:
        key = task.id.split(":", 3)[3] or task.shop or ""
        about = Text(zh=key or "店铺", en=key or "the shop")
    count = lines or len(task.lines)
    # "x3, 3 lines" says one thing twice.
    if count == task.quantity or not (lines or task.names_all):
        return about
    return Text(zh=f"{about.zh}，{count} 行", en=f"{about.en}, {number_of(count, 'line')}")


def _named(kind: Text, number: str, thing: str) -> Text:
    about = f" {thing}" if thing else ""
    return Text(zh=f"{kind.zh} {marked(number)}{about}", en=f"{kind.en} {marked(number)}{about}")


def act_apart(kind: str, about: str, shop: str | None) -> Text:
    """Return what is to be done about what, for a task of which only this is known."""
    of_kind = kinds()[kind]
    named = marked(about) if of_kind.per in ("order", "parcel", "case") else about
    thing = named or shop or ""
    where = Text(zh=f"（{shop}）", en=f" ({shop})") if shop and named else NOTHING
    return Text(
        zh=f"{of_kind.verb.zh} {thing or '店铺'}{where.zh}",
        en=f"{of_kind.verb.en} {thing or 'the shop'}{where.en}",
    )


def marked(number: str) -> str:
    """Return the last digits of an id, which distinguish it from its neighbours."""
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


def standing(task: Task) -> Text:
    """Return where counts stand that nothing at hand makes worse; nothing where something does."""
    if task.then is not None:
        return NOTHING
    stands = ", ".join(f"{one.code} {one.count:,}/{one.limit:,}" for one in task.effects)
    return Text(zh=f"现为 {stands}", en=f"now {stands}") if stands else NOTHING


def brief(moment: Moment) -> Text:
    """Return the same in one clause: the rest is in the longer reports."""
    clause = Text(zh=moment.text.zh.split("；")[0], en=moment.text.en.split("; ")[0])
    return otherwise(msgspec.structs.replace(moment, text=clause))


def otherwise(moment: Moment) -> Text:
    """Return what happens if it is not done, after what that takes."""
    if moment.money is None:
        return moment.text
    cost = money(moment.money)
    return Text(zh=f"{cost}：{moment.text.zh}", en=f"{cost}: {moment.text.en}")
