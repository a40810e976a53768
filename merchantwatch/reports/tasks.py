"""Tasks as plain values: for JSON, tables and DataFrames."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from merchantwatch.language.text import Text
from merchantwatch.tasks import Effect, Moment, Task, Totals

TASK_COLUMNS = Task.__struct_fields__
"""The fields of a task, in their order."""


def as_dict(task: Task, lang: str) -> dict[str, object]:
    """Return a task as the JSON report has it."""
    return msgspec.structs.asdict(task) | {
        "lines": list(task.lines),
        "amount": _plain(task.amount),
        "due_at": _plain(task.due_at),
        "then": _moment(task.then, lang) if task.then else None,
        "later": [_moment(moment, lang) for moment in task.later],
        "money_to_save": _plain(task.money_to_save),
        "money_lost": _plain(task.money_lost),
        "rules": list(task.rules),
        "effects": [_effect(effect) for effect in task.effects],
        "text": both(task.text),
    }


def totals(found: Totals) -> dict[str, object]:
    """Return the totals as the JSON report has them."""
    return {
        "orders": found.orders,
        "tasks": found.tasks,
        "money_to_save": _plain(found.money_to_save),
        "money_lost": _plain(found.money_lost),
        "money_lost_over": _plain(found.money_lost_over),
        "by_owner": dict(found.by_owner),
        "by_severity": dict(found.by_severity),
        "by_shop": [
            {"platform": platform, "shop": shop, "tasks": n}
            for (platform, shop), n in found.by_shop.items()
        ],
        "within_24_hours": {
            "tasks": found.soon.tasks,
            "grave": found.soon.grave,
            "money_to_save": _plain(found.soon.money_to_save),
        },
    }


def _moment(moment: Moment, lang: str) -> dict[str, object]:
    values = {"code": moment.code, "text": moment.text.of(lang), "money": _plain(moment.money)}
    return {"at": _plain(moment.at), **values, "texts": both(moment.text)}


def money(amount: Decimal | None) -> str | None:
    """Return an amount as JSON has it."""
    return None if amount is None else f"{amount:.2f}"


def both(text: Text) -> dict[str, str]:
    """Return a text in both languages."""
    return {"zh": text.zh, "en": text.en}


def _effect(effect: Effect) -> dict[str, object]:
    limit = effect.limit
    numbers = {"limit": float(limit) if isinstance(limit, Decimal) else limit}
    return msgspec.structs.asdict(effect) | numbers


def _plain(value: object) -> Any:
    """Return a value as JSON has it: money and moments as text."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value
