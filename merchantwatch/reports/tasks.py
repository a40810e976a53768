"""Tasks as plain values: for JSON, tables and DataFrames."""

import msgspec

from merchantwatch.reports.json_values import both, number, plain
from merchantwatch.tasks import Effect, Moment, Task, Totals

TASK_COLUMNS = Task.__struct_fields__
"""The fields of a task, in their order."""


def as_dict(task: Task, lang: str) -> dict[str, object]:
    """Return a task as the JSON report has it."""
    # Fields whose values JSON has as they are follow by themselves when a task gains one.
    return msgspec.structs.asdict(task) | {
        "lines": list(task.lines),
        "order_ids": list(task.order_ids),
        "amount": plain(task.amount),
        "due_at": plain(task.due_at),
        "then": _moment(task.then, lang) if task.then else None,
        "later": [_moment(moment, lang) for moment in task.later],
        "money_to_save": plain(task.money_to_save),
        "money_lost": plain(task.money_lost),
        "rules": list(task.rules),
        "effects": [_effect(effect) for effect in task.effects],
        "text": both(task.text),
    }


def totals(found: Totals) -> dict[str, object]:
    """Return the totals as the JSON report has them."""
    return {
        "orders": found.orders,
        "tasks": found.tasks,
        "money_to_save": plain(found.money_to_save),
        "money_lost": plain(found.money_lost),
        "money_lost_over": plain(found.money_lost_over),
        "by_owner": dict(found.by_owner),
        "by_severity": dict(found.by_severity),
        "by_shop": [
            {"platform": platform, "shop": shop, "tasks": n}
            for (platform, shop), n in found.by_shop.items()
        ],
        "within_24_hours": {
            "tasks": found.soon.tasks,
            "grave": found.soon.severe,
            "money_to_save": plain(found.soon.money_to_save),
        },
    }


def _moment(moment: Moment, lang: str) -> dict[str, object]:
    values = {"code": moment.code, "text": moment.text.of(lang), "money": plain(moment.money)}
    return {"at": plain(moment.at), **values, "texts": both(moment.text)}


def _effect(effect: Effect) -> dict[str, object]:
    return msgspec.structs.asdict(effect) | {"limit": number(effect.limit)}
