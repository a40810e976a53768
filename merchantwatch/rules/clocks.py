"""Arithmetic with times in zones whose clocks are put forward and back (summer time).

All moments of a line are wall-clock times. Where the clocks were changed in between, 48 hours later
is another wall-clock time than the same time two days later. So to add hours, a moment is converted
to an instant, and the sum back; days are added by the calendar. In zones without summer time, such
as China's, nothing is rewritten.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from merchantwatch.rules.book import BoundRule, Rulebook
from merchantwatch.rules.terms import span_sql

_LOOKED_AT = range(1992, 2038)
"""The years in which a zone is examined; its last rules apply to all later years."""


@cache
def changed(tz: str) -> bool:
    """Say whether the clocks of a zone are put forward and back."""
    # A day in each quarter meets summer time on either half of the globe.
    days = (datetime(year, month, 1, tzinfo=UTC) for year in _LOOKED_AT for month in (1, 4, 7, 10))
    return len({day.astimezone(ZoneInfo(tz)).utcoffset() for day in days}) > 1


def elapsed(start: datetime, end: datetime, tz: str) -> timedelta:
    """Return how much time has passed between two wall-clock times of a zone."""
    # Within one zone Python subtracts wall-clock times; converted to UTC, real time.
    first, last = (moment.replace(tzinfo=ZoneInfo(tz)) for moment in (start, end))
    return last.astimezone(UTC) - first.astimezone(UTC)


def on_the_clocks_of(book: Rulebook, tz: str) -> Rulebook:
    """Return the rules as they judge in a zone: unchanged unless it has summer time."""
    # Most runs: China has no summer time, and plain SQL is faster.
    if not changed(tz):
        return book
    rules = tuple(_on_the_clocks(bound, tz) for bound in book.rules)
    return msgspec.structs.replace(book, rules=rules)


def _on_the_clocks(bound: BoundRule, tz: str) -> BoundRule:
    from merchantwatch.rules.shifting import shifted  # the parser of predicates takes its time

    sql = {name: shifted(part, tz) for name, part in bound.sql.items()}
    penalty = shifted(bound.penalty, tz) if bound.penalty else None
    return msgspec.structs.replace(bound, sql=sql, penalty=penalty, tz=tz)


def later(at: str, span: str, tz: str, sign: str = "+") -> str:
    """Return the SQL of the moment a span ("48 hours") after another; before it with ``-``."""
    return moved(at, span_sql(span), tz, sign) if tz else f"{at} {sign} {span_sql(span)}"


def moved(at: str, interval: str, tz: str, sign: str) -> str:
    """Return the SQL of the moment an interval after another in a zone; before it with ``-``."""
    # Days are of the calendar: the same time of day, though 47 or 49 hours may pass.
    if "day" in interval.lower():
        return f"{at} {sign} {interval}"
    return f"timezone('{tz}', instant_of('{tz}', {at}) {sign} {interval})"
