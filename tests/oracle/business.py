"""Business days: of the United States from the law that names the federal holidays (5 U.S.C. 6103), of
China from the yearly notices of the State Council.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

FIRST, LAST = date(2018, 1, 1), date(2035, 12, 31)
"""The days for which a due day is computed; what the law will say of later ones is unknown."""
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6
ONE = timedelta(days=1)
OFF = (
    *(
        "2020-01-01 1",
        "2021-01-01 3",
        "2021-06-12 3",
        "2022-01-01 3",
        "2022-12-31 3",
        "2024-12-31 1",
    ),
    *("2025-05-31 3", "2025-10-01 8", "2026-01-01 3", "2026-02-15 9", "2026-06-19 3"),
)
"""China's holidays about the days that worlds are drawn of: the first day, and how many there are."""
MADE_UP_FOR = ("2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28")
"""Weekends of these that are worked."""


def nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th such weekday of a month; the last one for -1."""
    if n < 0:
        following = date(year + month // 12, month % 12 + 1, 1)
        return following - ONE * ((following.weekday() - weekday - 1) % 7 + 1)
    first = date(year, month, 1)
    return first + ONE * ((weekday - first.weekday()) % 7 + 7 * (n - 1))


def holidays(year: int) -> set[date]:
    """The federal holidays that begin in a year: one on a Sunday is observed on Monday, on a Saturday the day before."""
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25)] + ([(6, 19)] if year >= 2021 else [])
    days = set()
    for month, day in fixed:
        at = date(year, month, day)
        days.add(at + ONE * {SATURDAY: -1, SUNDAY: 1}.get(at.weekday(), 0))
    return days | {
        nth(year, 1, MONDAY, 3),
        nth(year, 2, MONDAY, 3),
        nth(year, 5, MONDAY, -1),
        nth(year, 9, MONDAY, 1),
        nth(year, 10, MONDAY, 2),
        nth(year, 11, THURSDAY, 4),
    }


def is_business_day(day: date) -> bool:
    near = holidays(day.year) | holidays(day.year + 1)
    return day.weekday() < SATURDAY and day not in near


def is_worked_in_china(day: date) -> bool:
    if day.isoformat() in MADE_UP_FOR:
        return True
    notices = ((date.fromisoformat(one.split()[0]), int(one.split()[1])) for one in OFF)
    off = any(0 <= (day - first).days < days for first, days in notices)
    return day.weekday() < SATURDAY and not off


def business_days_after(
    at: datetime | None, days: int, is_worked: Callable[[date], bool] = is_business_day
) -> datetime | None:
    """The end of the n-th business day after the day of a moment; None outside the calendar."""
    if at is None or at.date() < FIRST:
        return None
    day = at.date()
    while days and day <= LAST:
        day += ONE
        days -= is_worked(day)
    return None if day > LAST else datetime.combine(day, time(23, 59, 59))
