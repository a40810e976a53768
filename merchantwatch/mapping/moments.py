"""Cells as wall-clock times that can be compared, in the shapes that a scan reads."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from merchantwatch.reading.moments import Order, Shape, months, shapes

_ORDERS: tuple[Order, Order] = ("mdy", "dmy")

_DIGITS = frozenset({"twelve-digits", "fourteen-digits", "seventeen-digits"})
"""Shapes of digits alone, which a long id may have by chance."""

_LONGEST = 60
_NOON = 12


def moment(cell: str, order: Order = "mdy") -> datetime | None:
    """Return a cell as a wall-clock time of this century; None if it is no time."""
    if len(cell) > _LONGEST or not any(map(str.isdigit, cell)):
        return None
    for pattern, shape in _patterns(digits=False):
        found = pattern.fullmatch(cell.lower())
        if found:
            return _parsed(found.expand(shape.spelled(shape.order and (shape.home or order))))
    return None


class Moments(NamedTuple):
    """The cells of a column as times (``read``), None where a cell is no time.

    All are read in the same order of day and month: a cell has ``shown`` it, or it is ``undecided``
    although it makes a difference.
    """

    read: list[datetime | None]
    shown: bool
    undecided: bool


def moments(cells: Sequence[str | None]) -> Moments:
    """Return the cells of a column as times, in the order of day and month that fits more cells."""
    # 25/11 is no date with the month first: one such cell shows the order for the whole column.
    months_first, days_first = (_read(cells, order) for order in _ORDERS)
    more, other = _filled(months_first), _filled(days_first)
    best = months_first if more >= other else days_first
    return Moments(best, more != other, more == other and months_first != days_first)


def may_be_moment(cell: str) -> bool:
    """Say whether a cell of digits alone, which may be an id, may also be a time."""
    return any(pattern.fullmatch(cell) for pattern, _ in _patterns(digits=True))


def _read(cells: Iterable[str | None], order: Order) -> list[datetime | None]:
    # Each distinct cell once: days repeat, and matching shapes is slow.
    known: dict[str | None, datetime | None] = {None: None}
    for cell in cells:
        if cell is not None and cell not in known:
            known[cell] = moment(cell, order)
    return [known[cell] for cell in cells]


def _filled(found: Iterable[datetime | None]) -> int:
    return sum(at is not None for at in found)


@cache
def _patterns(*, digits: bool) -> tuple[tuple[re.Pattern[str], Shape], ...]:
    return tuple(
        (re.compile(shape.pattern), shape)
        for shape in shapes().values()
        if digits == (bool(shape.counts) or shape.name in _DIGITS)
    )


def _parsed(spelled: str) -> datetime | None:
    """Return the time of a cell rewritten as ``day|half|clock|fraction|half|zone|offset``."""
    day, first, clock, _, second, *_ = spelled.split("|")
    year, month, date = day.split("-")
    hour, minute, seconds = [*map(int, re.findall(r"\d+", clock)), 0, 0, 0][:3]
    half = (first or second)[:1]
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half in "p下" else 0)
    try:
        at = datetime(int(year), _month(month), int(date), hour, minute, seconds)  # noqa: DTZ001
    except ValueError:
        return None
    return at if 2000 <= at.year < 2100 else None  # noqa: PLR2004


def _month(text: str) -> int:
    """Return a month by its number or name. Raises ValueError for another word."""
    if text.isdigit():
        return int(text)
    return next((int(n) for n, named in months().items() if text in named), 0)
