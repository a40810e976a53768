"""What is known of a line's shipping before any rule asks: whose it is, and whether it happened.

A line whose status says that it was shipped, and of which no export tells when, is shipped at a
time that nobody knows: it is not unshipped, and what depends on the time is unknown.
"""

import re

import msgspec

from merchantwatch.fields import NOT_TO_SHIP, SHIPPING_FIELDS
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import literal
from merchantwatch.rules import BoundRule

NOBODYS = f"coalesce(fulfilment in ({', '.join(map(literal, NOT_TO_SHIP))}), false)"
"""The test of a line that the merchant has not to ship."""

UNTIMED = "shipped_without_time"
"""The test of a line that was shipped at a time that nobody knows."""

_READS = re.compile(r"\bshipped_at\b")
_KNOWS = (
    (
        re.compile(r"\bshipped_at is null\b", re.IGNORECASE),
        f"(shipped_at is null and not {UNTIMED})",
    ),
    (
        re.compile(r"\bcoalesce\(shipped_at, as_of\)", re.IGNORECASE),
        f"case when not {UNTIMED} then coalesce(shipped_at, as_of) end",
    ),
)


def asks_who_ships(bound: BoundRule, plan: Plan) -> bool:
    """Say whether a rule leaves out the lines that are not the merchant's to ship.

    Of a case it is judged who answers it, whoever ships.
    """
    about_shipping = SHIPPING_FIELDS & bound.reads and "case_applied_at" not in bound.reads
    return plan.tells_fulfilment and bool(about_shipping)


def depends_on_the_time(bound: BoundRule, part: str) -> bool:
    """Say whether a part of a rule reads when a line was shipped."""
    return bool(_READS.search(bound.sql.get(part, "")))


def knowing(bound: BoundRule) -> BoundRule:
    """Return a rule that takes a line that was shipped, nobody knows when, for what it is."""
    if "shipped_at" not in bound.reads:
        return bound
    return msgspec.structs.replace(
        bound, sql={part: _knowing(sql) for part, sql in bound.sql.items()}
    )


def _knowing(sql: str) -> str:
    for pattern, instead in _KNOWS:
        sql = pattern.sub(instead, sql)
    return sql
