"""Shares and their limits: how many more hits are allowed, and which leave the window next."""

from datetime import date
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from merchantwatch.engines import Engine
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading.arrow import Row
from merchantwatch.results.records import FindingKey, Rate
from merchantwatch.rules import Rule, span_of

_FOUR_PLACES = Decimal("0.0001")


class Leaving(NamedTuple):
    """The oldest day of the hits in a window, and how many they are."""

    day: date
    lines: int


def leaving(engine: Engine, plan: Plan, of: str) -> dict[FindingKey, Leaving]:
    """Return the hits that leave the window of each share of a table next."""
    codes = [bound.code for bound in plan.rates if bound.rule.counted_for]
    if not codes:
        return {}
    query = render_sql("leaving", listed=of, codes=", ".join(map(literal, codes)))
    rows = engine.table(query).to_pylist()
    return {FindingKey.of(row): Leaving(row["day"], row["lines"]) for row in rows}


def rate(rule: Rule, row: Row, leaving: Leaving | None) -> Rate | None:
    """Return the share of a finding; None where its rule has no share."""
    if rule.share is None or not row["volume"]:
        return None
    count, volume = row["count"], row["volume"]
    # The share of the clause is a decimal: 30% of 10 is exactly 3.
    allowed = rule.share * volume
    # The most hits that keep the limit: "more than" may be reached exactly, "at least" may not.
    most = int(allowed) if rule.share_at_least is None else ceil(allowed) - 1
    if rule.at_least is not None or rule.more_than is not None:
        # A finding breaks both the share and the number: as long as either holds, more are allowed.
        number = rule.more_than if rule.at_least is None else rule.at_least - 1
        most = max(most, number or 0)
    window = span_of(rule.counted_for) if rule.counted_for else None
    return Rate(
        volume=volume,
        share=(Decimal(count) / volume).quantize(_FOUR_PLACES),
        limit=rule.share,
        left=max(most - count, 0),
        leaving=leaving.lines if leaving else 0,
        leaving_on=leaving.day + window if leaving and window else None,
    )
