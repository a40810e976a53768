"""Moments, money, numbers and texts as JSON has them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from merchantwatch.language.text import Text


def time(moment: datetime | None) -> str | None:
    """Return a moment as text."""
    return None if moment is None else moment.isoformat(timespec="seconds")


def money(amount: Decimal | None) -> str | None:
    """Return an amount as text: no reader makes a float of it."""
    return None if amount is None else f"{amount:.2f}"


def number(limit: float | Decimal) -> int | float:
    """Return a limit as a plain number: a share is no money."""
    return float(limit) if isinstance(limit, Decimal) else limit


def both(text: Text) -> dict[str, str]:
    """Return a text in both languages."""
    return {"zh": text.zh, "en": text.en}


def plain(value: Any) -> Any:
    """Return a value by its type: money and moments as text, all else as it is."""
    if isinstance(value, Decimal):
        return money(value)
    return time(value) if isinstance(value, datetime) else value
