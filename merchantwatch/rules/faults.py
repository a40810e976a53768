"""Contradictions in a rule, each as a message that names the fields."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from merchantwatch.rules.terms import Grade, span_of

if TYPE_CHECKING:
    from merchantwatch.rules.model import Rule

AT_ONCE = "0 hours"


def faults(rule: "Rule") -> Iterator[str]:
    """Yield the contradictions in a rule, in the order in which docs/rules.md has its fields."""
    clock = bool(rule.applies and rule.due)  # not `is_clock`, which holds only of a sound rule
    for checks in (
        _of_the_condition(rule, clock=clock),
        rule.limit_faults,
        rule.text_faults(clock=clock, line=rule.per == "line"),
        _of_the_limit(rule),
        _of_days(rule, clock=clock),
        _of_versions(rule),
        _of_what_follows(rule, clock=clock),
    ):
        yield from (fault for fault, broken in checks.items() if broken)


def _of_the_condition(rule: "Rule", *, clock: bool) -> dict[str, bool]:
    strikes = bool(rule.again_every)
    return {
        "needs either a clock (applies, due, done) or a plain when": clock == bool(rule.when),
        "a clock needs done, or while_open": clock and not (rule.done or rule.while_open),
        "done, start and while_open belong to a clock": not clock
        and bool(rule.done or rule.start or rule.while_open or rule.applies),
        "again_every and cap go together, on a clock": strikes != bool(rule.cap)
        or (strikes and not clock),
        "near_before and near_after belong to a clock": not clock
        and bool(rule.near_before or rule.near_after),
        "near_after needs start": bool(rule.near_after) != bool(rule.start),
        "window and window_days say the same, give one": bool(rule.window)
        and bool(rule.window_days),
        "a window needs a clock or a day": bool(rule.counted_for) and not clock and not rule.day,
    }


def _of_the_limit(rule: "Rule") -> dict[str, bool]:
    counts = (rule.at_least, rule.more_than, rule.share)
    return {
        "a share needs of and day, and these belong to a share": (rule.share is None)
        != (rule.of is None)
        or (rule.share is not None and rule.day is None),
        "share_near and min_volume belong to a share": rule.share is None
        and bool(rule.share_near or rule.min_volume),
        "a rule needs at_least, more_than or a share, a signal needs risk": (rule.risk is None)
        == all(number is None for number in counts),
    }


def _of_days(rule: "Rule", *, clock: bool) -> dict[str, bool]:
    return {
        "a scope by day needs day": rule.by_day and not rule.day,
        "a scope by month needs day, that of a clock its due": rule.by_month
        and (not rule.day or (clock and rule.day != rule.due)),
        "running belongs to a scope by day": bool(rule.running) and not rule.by_day,
        "days belongs to another scope than a day's, and needs day": bool(rule.days)
        and (rule.by_day or rule.by_month or not rule.day),
        "one_day belongs to days": bool(rule.one_day) and not rule.days,
        "a forecast belongs to a clock with a day": rule.forecast
        and not (clock and rule.day and (rule.by_day or rule.days)),
    }


def _of_versions(rule: "Rule") -> dict[str, bool]:
    return {
        "a version may state a limit again only in a scope by day": not rule.by_day
        and any(version.limits for version in rule.in_force),
        "in_force needs day": bool(rule.in_force) and not rule.day,
        "the versions in in_force must stand from the oldest to the newest": any(
            later.since <= earlier.since for earlier, later in pairwise(rule.in_force)
        ),
    }


def _of_what_follows(rule: "Rule", *, clock: bool) -> dict[str, bool]:
    """Return the checks of what a hit leads to: risk, a task, money."""
    return {
        "group belongs to a signal": bool(rule.group) and rule.risk is None,
        "task belongs to a rule, not to a signal": rule.is_signal and bool(rule.task),
        "loses_amount belongs to a clock with a task": rule.loses_amount
        and not (clock and rule.task),
        "a graded risk belongs to a clock": rule.graded and not clock,
        "the grades of a risk rise from '0 hours', by time and by risk": rule.graded
        and not _rising(rule.grades),
        "penalty belongs to a rule, not to a signal": rule.is_signal
        and any(penalty is not None for penalty in rule.penalties),
        "a penalty for each strike needs a clock that strikes again": not rule.again_every
        and rule.each_strike,
    }


def _rising(grades: list[Grade]) -> bool:
    steps = [(span_of(span), risk) for span, risk in grades]
    return steps[0][0] == span_of(AT_ONCE) and all(
        earlier[0] < later[0] and earlier[1] < later[1] for earlier, later in pairwise(steps)
    )
