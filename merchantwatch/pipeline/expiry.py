"""How long the verdicts on an unchanged line hold, so that a later run need not judge it again.

They change only when as-of passes certain moments: an event dated after as-of, the deadline of a
running clock, the end of a window, midnight where a rule counts by day. ``expires_at`` is the first
such moment that is still to come; the verdicts on a line without any hold for ever. Moments are
computed from the present state: what could give rise to another moment is a moment itself.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from merchantwatch.pipeline import shipping
from merchantwatch.pipeline.judging import counting_day
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal
from merchantwatch.pipeline.shared_expressions import SharedExpressions
from merchantwatch.pipeline.shares import share_taken_of
from merchantwatch.rules import BoundRule, later

HORIZON = "interval '31' day"
"""Lines whose verdicts expire within this time are cached in full, to be judged again."""

_CLOCKS_CHANGE = "interval '2' hour"
"""How far a moment may be off plain arithmetic in zones whose clocks change in summer."""

NEVER_AT = datetime(2100, 1, 1)  # noqa: DTZ001  wall-clock time
"""The ``expires_at`` of a line whose verdicts hold for ever."""

NEVER = literal(NEVER_AT)

LINE_MOMENTS = ("happens_at",)
"""Moments that depend on no rule: when the next event in the line's export happens."""


def expires_at(plan: Plan, shared: SharedExpressions, line_moments: Sequence[str]) -> str:
    """Return the SQL of the first moment to come at which a verdict on a line may change.

    ``line_moments`` are further moments, besides those of rules. Expressions that several rules use
    are added to ``shared``.
    """
    moments = [_if_upcoming(moment, "") for moment in line_moments]
    for bound in map(shipping.with_untimed, plan.rules):
        found = [
            _if_upcoming(moment, bound.tz) for moment in _moments_of_change(bound, plan, shared)
        ]
        # A rule whose state never changes by itself adds no moment.
        if found:
            moments.append(_of_its_platforms(bound, found))
    return f"least({', '.join([*dict.fromkeys(moments), NEVER])})"


def _if_upcoming(moment: str, tz: str) -> str:
    """Return the SQL of a moment if as-of has not passed it, else null; "" stands for no zone."""
    at = f"cast({moment} as timestamp)"
    if not tz:
        return f"case when {at} >= as_of then {at} end"
    return f"case when {at} + {_CLOCKS_CHANGE} >= as_of then {at} - {_CLOCKS_CHANGE} end"


def _of_its_platforms(bound: BoundRule, moments: Sequence[str]) -> str:
    """Return the first of a rule's moments, for lines of its platforms; null for all others."""
    first = f"least({', '.join(moments)})" if len(moments) > 1 else moments[0]
    if bound.for_all:
        return first
    platforms = ", ".join(map(literal, bound.platforms))
    return f"case when platform in ({platforms}) then {first} end"


def _moments_of_change(bound: BoundRule, plan: Plan, shared: SharedExpressions) -> Iterator[str]:
    """Yield the moments at which the state of a line by a rule may change."""
    for part in ("applies", "when", "due", "done", "start", "day", "of"):
        yield from bound.changes_at.get(part, ())
    if bound.rule.is_clock:
        yield from _moments_of_clock(bound, shared)
    else:
        yield from _end_of_window(bound, shared.name(bound.sql["when"]))
    if bound.code in {measured.code for measured in plan.measured}:
        of, _ = share_taken_of(bound)
        yield from _end_of_window(bound, of)


def _moments_of_clock(bound: BoundRule, shared: SharedExpressions) -> Iterator[str]:
    """Yield the moments of a clock; those up to its deadline matter only until it is stopped."""
    rule, due, done = bound.rule, f"({bound.sql['due']})", f"({bound.sql['done']})"
    applies = shared.name(bound.sql["applies"])
    running = applies if "done" in bound.advancing else f"{applies} and {done} is null"
    moments = [shared.name(bound.sql["due"])]
    if rule.near_before:
        moments.append(later(due, rule.near_before, bound.tz, "-"))
    if rule.near_after:
        moments.append(later(f"({bound.sql['start']})", rule.near_after, bound.tz))
    if rule.forecast:
        day = f"cast({counting_day(bound)} as timestamp)"
        moments += [day, f"{day} + interval '1' day"]
    # A deadline that moves along with as-of must be judged again each time.
    if "due" in bound.advancing:
        moments.append("as_of")
    yield from (f"case when {running} then {moment} end" for moment in moments)
    hit = shared.name(f"coalesce({done}, as_of) > {due}")
    yield from _end_of_window(bound, f"{applies} and {hit}")


def _end_of_window(bound: BoundRule, test: str) -> Iterator[str]:
    """Yield the moment at which a line that passes a test leaves the window of a rule, if any."""
    span, at = bound.rule.counted_for, bound.sql.get("day", bound.sql.get("due"))
    if span and at:
        yield f"case when {test} then {later(f'({at})', span, bound.tz)} end"
