"""Until when the verdicts on a line hold if its row does not change, by the model of rules.

The verdicts on an unchanged line change only when as-of passes some moment: an event later than
as-of, a deadline of a running clock, the end of a window, midnight where a rule counts by day.
``turns_at`` is the first of them that is still to come; a line without any is settled for ever.
Each moment is computed from the present state: what could bring about another is itself a moment.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from merchantwatch.pipeline import shipping
from merchantwatch.pipeline.judging import counting_day, share_taken_of
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.shared import Shared
from merchantwatch.pipeline.stages import literal
from merchantwatch.rules import BoundRule, later

HORIZON = "interval '31' day"
"""Lines that may change within this time after as-of are cached in full, to be judged again."""

_CLOCKS_CHANGE = "interval '2' hour"
"""The most that a moment may differ from plain arithmetic where clocks are put forward or back."""

NEVER_AT = datetime(2100, 1, 1)  # noqa: DTZ001  wall-clock time
"""``turns_at`` of a line that never changes."""

NEVER = literal(NEVER_AT)

LINE_MOMENTS = ("happens_at",)
"""Moments of a line itself: when the next event in its export happens."""


def turns_at(plan: Plan, shared: Shared, line_moments: Sequence[str]) -> str:
    """Return the SQL of the first moment to come at which a verdict on a line may change.

    ``line_moments`` are moments beside those of rules. Common parts of expressions are added to the
    ``shared``.
    """
    moments = [_if_upcoming(moment, "") for moment in line_moments]
    for bound in map(shipping.knowing, plan.rules):
        found = [_if_upcoming(moment, bound.tz) for moment in _turns(bound, plan, shared)]
        if found:
            moments.append(_of_its_platforms(bound, found))
    return f"least({', '.join([*dict.fromkeys(moments), NEVER])})"


def _if_upcoming(moment: str, tz: str) -> str:
    """Return a moment that as-of has not passed, else null."""
    at = f"cast({moment} as timestamp)"
    if not tz:
        return f"case when {at} >= as_of then {at} end"
    return f"case when {at} + {_CLOCKS_CHANGE} >= as_of then {at} - {_CLOCKS_CHANGE} end"


def _of_its_platforms(bound: BoundRule, moments: Sequence[str]) -> str:
    """Return the first of a rule's moments; lines of other platforms have none."""
    first = f"least({', '.join(moments)})" if len(moments) > 1 else moments[0]
    if bound.for_all:
        return first
    platforms = ", ".join(map(literal, bound.platforms))
    return f"case when platform in ({platforms}) then {first} end"


def _turns(bound: BoundRule, plan: Plan, shared: Shared) -> Iterator[str]:
    """Yield the moments at which the state of a line by a rule may change."""
    for part in ("applies", "when", "due", "done", "start", "day", "of"):
        yield from bound.turns.get(part, ())
    if bound.rule.is_clock:
        yield from _turns_of_clock(bound, shared)
    else:
        yield from _end_of_window(bound, shared.name(bound.sql["when"]))
    if bound.code in {measured.code for measured in plan.measured}:
        of, _ = share_taken_of(bound)
        yield from _end_of_window(bound, of)


def _turns_of_clock(bound: BoundRule, shared: Shared) -> Iterator[str]:
    """Yield the moments of a clock: those before its deadline matter while nothing stops it."""
    rule, due, done = bound.rule, f"({bound.sql['due']})", f"({bound.sql['done']})"
    applies = shared.name(bound.sql["applies"])
    running = applies if "done" in bound.moving else f"{applies} and {done} is null"
    moments = [shared.name(bound.sql["due"])]
    if rule.near_before:
        moments.append(later(due, rule.near_before, bound.tz, "-"))
    if rule.near_after:
        moments.append(later(f"({bound.sql['start']})", rule.near_after, bound.tz))
    if rule.forecast:
        day = f"cast({counting_day(bound)} as timestamp)"
        moments += [day, f"{day} + interval '1' day"]
    if "due" in bound.moving:
        moments.append("as_of")
    yield from (f"case when {running} then {moment} end" for moment in moments)
    hit = shared.name(f"coalesce({done}, as_of) > {due}")
    yield from _end_of_window(bound, f"{applies} and {hit}")


def _end_of_window(bound: BoundRule, test: str) -> Iterator[str]:
    """Yield when a line that fulfils a test leaves the window of a rule, if there is one."""
    span, at = bound.rule.counted_for, bound.sql.get("day", bound.sql.get("due"))
    if span and at:
        yield f"case when {test} then {later(f'({at})', span, bound.tz)} end"
