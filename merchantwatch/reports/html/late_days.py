"""How many of a day's lines were late, day by day: a picture, and the same as numbers."""

from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup
from msgspec import Struct

from merchantwatch.language.text import Text
from merchantwatch.reports import shops
from merchantwatch.reports.html.pictures import shares
from merchantwatch.results.measures import LEAST_LINES
from merchantwatch.results.model import Results
from merchantwatch.results.wording import percent

MOST_SHOPS = 8
"""Of more shops a table tells all together alone."""

_EVERY = 3
"""How many days lie between two that are named below the picture."""


class Day(Struct, frozen=True):
    """Of a shop (None: of all) how many lines were due on a day, and late."""

    day: date
    shop: Text | None
    lines: int
    late: int

    @property
    def share(self) -> Decimal:
        """The share of those that were late."""
        return (Decimal(self.late) / self.lines).quantize(Decimal("0.001"))

    @property
    def percentage(self) -> str:
        """The share as a text: ``12.5%``."""
        return percent(self.share)


class LateDays(Struct, frozen=True):
    """The picture, the worst day, and the days one by one: of all shops, then of each."""

    picture: Markup
    worst: Day
    days: tuple[Day, ...]
    least: int = LEAST_LINES


def late_days(results: Results) -> LateDays | None:
    """Return the late share of each day; None where nothing was due."""
    # A stored report may have been edited: a share above 1 would break the picture.
    known = [one for one in results.late_days if one.lines > 0 and one.late <= one.lines]
    sums: dict[date, tuple[int, int]] = {}
    for one in known:
        lines, late = sums.get(one.day, (0, 0))
        sums[one.day] = (lines + one.lines, late + one.late)
    if not sums:
        return None
    days = [Day(day, None, *sums[day]) for day in sorted(sums)]
    named = {(one.platform, one.shop) for one in known}
    of_shops = [
        Day(one.day, shops.shop_name(one.platform, one.shop), one.lines, one.late)
        for one in sorted(known, key=lambda one: (one.day, one.platform, one.shop or ""))
        if 1 < len(named) <= MOST_SHOPS
    ]
    return LateDays(_picture(days), max(days, key=_badness), (*days, *of_shops))


def _badness(day: Day) -> tuple[bool, bool, Decimal, int, date]:
    """Return how bad a day was: one of few lines is so only where no other is bad at all."""
    return (day.late > 0, day.lines >= LEAST_LINES, day.share, day.lines, day.day)


def _picture(days: list[Day]) -> Markup:
    """Return a bar for each day; those of few lines have another colour."""
    first, last = days[0].day, days[-1].day
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = {day.day: day for day in days}
    rows: list[list[float]] = [[], []]
    for day in every:
        counted = found.get(day)
        share = float(counted.share) if counted else 0.0
        few = counted is not None and counted.lines < LEAST_LINES
        rows[0].append(0.0 if few else share)
        rows[1].append(share if few else 0.0)
    named = [f"{day:%m-%d}" for day in every]
    # Counted from the end, so that the last day always has its name.
    some = [name for n, name in enumerate(named) if (len(named) - 1 - n) % _EVERY == 0]
    return shares(named, some, rows)
