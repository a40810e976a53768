"""The denominators of shares: which lines count for a rule, and on which day."""

from collections.abc import Mapping, Sequence
from zlib import crc32

from merchantwatch.pipeline import shipping
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal
from merchantwatch.pipeline.shared_expressions import SharedExpressions
from merchantwatch.rules import BoundRule, later


def volumes(plan: Plan, rules: Sequence[Mapping[str, str]]) -> dict[str, dict[str, object]]:
    """Return the columns with the day on which a line counts in the denominator of a share.

    Rules that take their shares of the same lines have one column in common. ``rules`` are the
    columns of all rules, as ``judging.columns`` returns them.
    """
    found: dict[str, dict[str, object]] = {}
    measured = plan.measured
    codes = {bound.code for bound in measured}
    for bound, columns in zip(plan.rules, rules, strict=True):
        if bound.code in codes:
            same = [b.code for b in measured if volume_column(b) == volume_column(bound)]
            found.setdefault(volume_column(bound), {"day": columns["volume"], "codes": same})
    return found


def volume_column(bound: BoundRule) -> str:
    """Return the column with the day of each line in the denominator of a rule's share."""
    of, day = share_taken_of(bound)
    # The name is a checksum of the content: rules with the same denominator get the same column.
    taken_of = (bound.platforms, sorted(bound.reads), of, *counted_for(bound))
    return f"of_{crc32(repr((day, taken_of)).encode()):08x}"


def share_taken_of(bound: BoundRule) -> tuple[str, str]:
    """Return the test of the lines in the denominator of a share, and the time of their day."""
    sql = bound.sql
    return sql.get("of", sql.get("applies", "true")), sql.get("day", sql.get("due", ""))


def volume(bound: BoundRule, plan: Plan, shared: SharedExpressions) -> str:
    """Return the SQL of a line's day if it is in the denominator of a rule's share, else null."""
    of, day = share_taken_of(bound)
    tests = [f"({of})", *counted_for(bound)]
    if shipping.depends_on_shipper(bound, plan):
        tests.append(f"not {shared.name(shipping.NOT_TO_SHIP_SQL)}")
    if not bound.for_all:
        tests.insert(0, f"platform in ({platforms(bound)})")
    return f"case when {' and '.join(tests)} then cast({shared.name(day)} as date) end"


def platforms(bound: BoundRule) -> str:
    """Return the platforms whose lines a rule is about, as SQL literals."""
    return ", ".join(map(literal, bound.platforms))


def counted_for(bound: BoundRule) -> list[str]:
    """Return the test of the window in which lines count, as a list: [] for a rule without one."""
    span = bound.rule.counted_for
    at = bound.sql.get("day", bound.sql.get("due"))
    return [f"({at}) > {later('as_of', span, bound.tz, '-')}"] if span else []
