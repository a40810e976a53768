"""Counts over all lines: late lines by day, and a comparison of carriers."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from math import sqrt
from typing import Literal

import msgspec

from merchantwatch.engines import Engine
from merchantwatch.pipeline import measuring
from merchantwatch.pipeline.lines import Lines
from merchantwatch.pipeline.plan import Plan
from merchantwatch.reading.arrow import Row

DAYS = 30
"""Late lines are shown for this many days up to as-of."""

LEAST_LINES = 30
"""The least lines of a carrier, and of the others, for a comparison."""

_Z = 1.96
"""The quantile of the normal distribution for Wilson's interval at 95%."""

Verdict = Literal["worse", "alike", "few"]


class LateDay(msgspec.Struct, frozen=True):
    """The lines of a shop that were due on a day, and how many of them were late."""

    platform: str
    shop: str | None
    day: date
    lines: int
    late: int


class Carrier(msgspec.Struct, frozen=True):
    """The parcels of a carrier from a warehouse, compared with the others of the same shop.

    ``unscanned``, ``scanned_late`` and ``trace_timeouts`` count among the ``lines`` that were sent
    more than 48 hours ago; ``share`` is that of all three, with its confidence interval from
    ``low`` to ``high``. ``other_share`` is that of the shop's ``other_lines``. ``verdict`` is
    ``worse`` where the two intervals do not overlap, and ``few`` where there are too few lines.
    """

    platform: str
    shop: str | None
    carrier: str | None
    warehouse: str | None
    lines: int
    unscanned: int
    scanned_late: int
    trace_timeouts: int
    share: Decimal
    low: Decimal
    high: Decimal
    other_lines: int
    other_share: Decimal | None
    verdict: Verdict

    @property
    def bad(self) -> int:
        """How many of its lines are bad."""
        return self.unscanned + self.scanned_late + self.trace_timeouts


def late_days(engine: Engine, plan: Plan, lines: Lines, as_of: datetime) -> tuple[LateDay, ...]:
    """Return the late lines of each shop, day by day."""
    query = measuring.late_days(plan, lines.layout.platforms, as_of.date(), DAYS)
    if query is None:
        return ()
    return tuple(LateDay(**row) for row in engine.table(query).to_pylist())


def carriers(engine: Engine, plan: Plan, lines: Lines) -> tuple[Carrier, ...]:
    """Return how carriers and warehouses compare, the worst first."""
    # Without scans every parcel would look unscanned, and each carrier bad.
    if not (lines.judged_by and plan.rules and measuring.has_scans(lines.exports)):
        return ()
    rows = engine.table(measuring.carriers(lines.layout.platforms)).to_pylist()
    return tuple(sorted(compared(rows), key=_worst))


def compared(rows: Iterable[Row]) -> Iterator[Carrier]:
    """Yield the rows of the engine, each compared with the other parcels of its shop."""
    counted = list(rows)
    totals: dict[tuple[str, str | None], tuple[int, int]] = {}
    for row in counted:
        shop = (row["platform"], row["shop"])
        lines, bad = totals.get(shop, (0, 0))
        totals[shop] = (lines + row["lines"], bad + _bad(row))
    for row in counted:
        of_shop, bad_of_shop = totals[row["platform"], row["shop"]]
        lines, bad = row["lines"], _bad(row)
        # Without the carrier itself: a shop that has only one has nothing to compare with.
        others = of_shop - lines
        other_bad = bad_of_shop - bad
        low, high = wilson(bad, lines)
        yield Carrier(
            **row,
            share=_to_four_places(bad / lines),
            low=_to_four_places(low),
            high=_to_four_places(high),
            other_lines=others,
            other_share=_to_four_places(other_bad / others) if others else None,
            verdict=_verdict((bad, lines), (other_bad, others)),
        )


def wilson(bad: int, lines: int) -> tuple[float, float]:
    """Return Wilson's 95% confidence interval of a share."""
    # Not the textbook interval: without a bad line that has no width, however few lines there are.
    share, z = bad / lines, _Z
    middle = share + z * z / (2 * lines)
    reach = z * sqrt(share * (1 - share) / lines + z * z / (4 * lines * lines))
    whole = 1 + z * z / lines
    return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)


def _verdict(carrier: tuple[int, int], others: tuple[int, int]) -> Verdict:
    """Compare a carrier with the others, each given as bad lines and all lines."""
    if min(carrier[1], others[1]) < LEAST_LINES:
        return "few"
    # By intervals, not by shares: one bad parcel among few makes a large share and proves nothing.
    return "worse" if wilson(*carrier)[0] > wilson(*others)[1] else "alike"


def _bad(row: Row) -> int:
    return int(row["unscanned"] + row["scanned_late"] + row["trace_timeouts"])


def _to_four_places(share: float) -> Decimal:
    # By way of its text 0.1 becomes exactly 0.1.
    return Decimal(str(round(share, 4)))


def _worst(carrier: Carrier) -> tuple[object, ...]:
    """Return the sort key of a carrier: the worst first."""
    verdicts = {"worse": 0, "alike": 1, "few": 2}
    names = (carrier.platform, carrier.shop or "", carrier.carrier or "", carrier.warehouse or "")
    return (verdicts[carrier.verdict], -carrier.unscanned, -carrier.bad, -carrier.lines, *names)
