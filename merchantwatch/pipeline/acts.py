"""What a rule asks somebody to do about a line, as parameters of the SQL of tasks."""

from typing import Any

from merchantwatch.pipeline import shipping
from merchantwatch.pipeline.charging import of_version
from merchantwatch.pipeline.hits import day_of, next_strike
from merchantwatch.rules import SEVERITIES, BoundRule, Rule
from merchantwatch.rules.terms import TaskKind

_UNSHIPPED = "shipped_at is null and not shipped_without_time and status <> 'closed'"
_UNSCANNED = (
    "picked_up_at is null and delivered_at is null and status not in ('closed', 'completed')"
)
_NOT_DONE_YET = {"ship": _UNSHIPPED, "hand-over": _UNSCANNED}
"""Tests that an act is not done yet, for kinds of tasks that rules without a clock ask for, too."""

_NEVER = "cast(null as timestamp)"

ABOUT = {
    "order": ("order_key",),
    "parcel": ("tracking_no", "order_key"),
    "case": ("case_id", "line_id"),
    "product": ("product_id", "line_id"),
    "scope": ("line_id",),
}
"""The id of what a task is about: the first of these fields that is known."""


def of_act(
    place: int, bound: BoundRule, kind: TaskKind, per: str, over_at_due: bool
) -> dict[str, Any]:
    """Return the parameters for a rule and one of its kinds of tasks, which are about ``per``."""
    rule = bound.rule
    return {
        "place": place,
        "kind": kind,
        "code": bound.code,
        "of": ABOUT[per],
        "about": ", ".join(f"task_lines.{name}" for name in ABOUT[per]),
        "rank": SEVERITIES.index(rule.severity),
        "resolves": str(rule.while_open or not rule.is_clock).lower(),
        "of_line": rule.per == "line",
        "reached": _limit_reached(rule),
        "states": "2, 4" if over_at_due else "1, 2, 4",
        "takes": _cost_of_line(bound),
    }


def _limit_reached(rule: Rule) -> str | None:
    """Return the test of a ``count``, in a scope of ``volume`` lines, that reaches all limits.

    None for a rule over days, whose limit no number of lines reaches.
    """
    limits = {
        "count >= {}": rule.at_least,
        "count > {}": rule.more_than,
        "count >= {} * volume": rule.share_at_least,
        "count > {} * volume": rule.share_more_than,
    }
    tests = [test.format(limit) for test, limit in limits.items() if limit is not None]
    return None if rule.days else " and ".join(tests)


def _cost_of_line(bound: BoundRule) -> str:
    """Return the cost of a line by a rule at its next moment; null where no clause gives one."""
    money = f"{bound.code}_money" if bound.penalty else "cast(null as decimal(18, 2))"
    if not bound.rule.loses_amount:
        return money
    return f"coalesce({money} + refund, {money}, refund)"


def of_rule(bound: BoundRule, key: str | None) -> dict[str, Any]:
    """Return the parameters for a rule whose findings are looked up by the column ``key``."""
    rule, code, day = bound.rule, bound.code, day_of(bound)
    tests = [of_version(version, day) for version in bound.on_top]
    return {
        "code": code,
        "is_clock": rule.is_clock,
        "not_done": _not_done_yet(bound),
        "at": _next_moment(bound),
        "key": key,
        "money": bound.penalty,
        "on_top": " or ".join(tests or ["false"]),
        "loses": rule.loses_amount,
        "of_line": rule.per == "line",
    }


def _not_done_yet(bound: BoundRule) -> str:
    """Return the test of a line whose act is not done yet."""
    refunded = "settled" in bound.rule.read_for_tasks
    tests = ["not coalesce(settled, false)"] if refunded else []
    if not bound.rule.is_clock:
        tests += [_NOT_DONE_YET[kind] for kind in bound.rule.tasks if kind in _NOT_DONE_YET]
        return " and ".join(tests or ["true"])
    tests.append(f"({bound.sql['done']}) is null")
    if shipped := shipping.untimed(bound, "done"):
        tests.append(f"not ({shipped})")
    return " and ".join(tests)


def _next_moment(bound: BoundRule) -> str:
    """Return the next moment at which a rule takes effect, for the first time or again."""
    rule, code = bound.rule, bound.code
    if not rule.is_clock:
        return f"case when {code}_due >= as_of then {code}_due end" if rule.by else _NEVER
    after = next_strike(bound) if rule.again_every else _NEVER
    return f"case when {code}_acts in (2, 4) then {code}_due when {code}_acts = 1 then {after} end"
