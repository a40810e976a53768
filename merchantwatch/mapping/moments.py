"""Moments as exports write them: with month names, am and pm, zones in words, 年月日."""

import re
from collections.abc import Iterable
from datetime import datetime

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_YEAR = r"(?P<year>\d{4})"
_DATES = (
    rf"{_YEAR}[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})日?",
    rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)",
    r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4}|\d\d)",
    r"(?P<day>\d{1,2})[- ](?P<named>[A-Za-z]{3,9})[.,]?[- ](?P<year>\d{4}|\d\d)",
    r"(?P<named>[A-Za-z]{3,9})[. -] ?(?P<day>\d{1,2}),?[ -](?P<year>\d{4}|\d\d)",
)
_CLOCK = (
    r"(?:,? *T?(?P<half>上午|下午)? ?(?P<hour>\d{1,2})[:时](?P<minute>\d\d)"
    r"(?:[:分](?P<second_>\d\d)(?:\.\d{1,9})?秒?|分)?(?: ?(?P<ampm>[AaPp])\.?[Mm]\.?)?)?"
)
_ZONE = r"(?: ?(?:Z|[A-Z]{2,5}|[+-]\d\d:?\d\d))?(?: ?\((?:UTC|GMT)[^)]{0,9}\))?"
_SHAPES = tuple(re.compile(date + _CLOCK + _ZONE) for date in _DATES)

_NOON = 12


def moment(cell: str, *, day_first: bool = False) -> datetime | None:
    """Return a cell as a wall-clock moment of this century, or None where it is none."""
    for shape in _SHAPES:
        found = shape.fullmatch(cell)
        if found:
            return _made(found.groupdict(), day_first)
    return None


def moments(cells: Iterable[str | None]) -> list[datetime | None]:
    """Return the cells of one column as moments: which number is the day is the same in all."""
    listed = list(cells)
    month_first = [moment(cell) if cell else None for cell in listed]
    day_first = [moment(cell, day_first=True) if cell else None for cell in listed]
    more = sum(m is not None for m in month_first) >= sum(m is not None for m in day_first)
    return month_first if more else day_first


def _made(parts: dict[str, str | None], day_first: bool) -> datetime | None:
    year = int(parts["year"] or 0)
    hour = int(parts["hour"] or 0)
    half = (parts["ampm"] or "").lower() or {"上午": "a", "下午": "p"}.get(parts["half"] or "", "")
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    if parts.get("first"):
        pair = (int(parts["first"] or 0), int(parts["second"] or 0))
        day, month = pair if day_first else pair[::-1]
    else:
        day, month = int(parts["day"] or 0), _month(parts)
    try:
        at = datetime(  # noqa: DTZ001  wall-clock time
            year + 2000 * (year < 100), month, day, hour,  # noqa: PLR2004
            int(parts["minute"] or 0), int(parts["second_"] or 0),
        )  # fmt: skip
    except ValueError:
        return None
    return at if 2000 <= at.year < 2100 else None  # noqa: PLR2004


def _month(parts: dict[str, str | None]) -> int:
    named = parts.get("named")
    if named is None:
        return int(parts["month"] or 0)
    short = named[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0
