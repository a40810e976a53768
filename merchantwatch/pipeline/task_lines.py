"""Judged lines → those that somebody can still do something about, with what happens otherwise."""

from collections.abc import Mapping

from merchantwatch.pipeline import shipping
from merchantwatch.pipeline.charging import hits_on_top, of_version
from merchantwatch.pipeline.counting import (
    currency_of,
    day_of,
    next_strike,
)
from merchantwatch.pipeline.judging import scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.rules import BoundRule, Rule

_UNSHIPPED = "shipped_at is null and not shipped_without_time and status <> 'closed'"
_UNSCANNED = (
    "picked_up_at is null and delivered_at is null and status not in ('closed', 'completed')"
)
_STILL = {"ship": _UNSHIPPED, "hand-over": _UNSCANNED}
"""Of kinds that plain conditions ask for too: the test of a line of which it is not done."""

_NEVER = "cast(null as timestamp)"


def asking(plan: Plan) -> list[BoundRule]:
    """Return the rules of a run that ask for tasks of lines, in their order."""
    return [bound for bound in plan.rules if _of_lines(bound.rule)]


def _of_lines(rule: Rule) -> bool:
    """Say whether a rule asks for a task that is not about its scope as a whole."""
    of_scopes = {"hold-sale"} if rule.per == "line" else {"hold-sale", "review"}
    return bool(set(rule.tasks) - of_scopes)


def task_lines(plan: Plan, currencies: Mapping[int, str | None]) -> str | None:
    """Return the query of the lines of tasks; None where no rule asks for any.

    Of each rule a line has: ``_acts``, 1 past the deadline, 2 near it and 4 far from it, as long as
    the act is not done; ``_at``, the moment that lies ahead; ``_key`` of its scope; ``_money``.
    """
    rules = [_of_rule(bound) for bound in map(shipping.knowing, asking(plan))]
    if not rules:
        return None
    return stage(
        "9_task_lines", rules=rules, currency=currency_of(currencies), on_top=hits_on_top(plan)
    )


def _of_rule(bound: BoundRule) -> dict[str, object]:
    rule, code, day = bound.rule, bound.code, day_of(bound)
    tests = [of_version(version, day) for version in bound.on_top]
    return {
        "code": code,
        "still": _still(bound),
        "at": _ahead(bound),
        "key": "line_id" if rule.per == "line" else scope_key(rule.per, day),
        "money": bound.penalty,
        "on_top": " or ".join(tests or ["false"]),
    }


def _still(bound: BoundRule) -> str:
    """Return the test of a line of which the act is not done yet."""
    if not bound.rule.is_clock:
        return " and ".join(_STILL[kind] for kind in bound.rule.tasks if kind in _STILL) or "true"
    shipped = shipping.untimed(bound, "done")
    open_still = f"({bound.sql['done']}) is null"
    return f"{open_still} and not ({shipped})" if shipped else open_still


def _ahead(bound: BoundRule) -> str:
    """Return the moment ahead at which a rule takes effect, or once more."""
    rule, code = bound.rule, bound.code
    if not rule.is_clock:
        return f"case when {code}_due >= as_of then {code}_due end" if rule.by else _NEVER
    after = next_strike(bound) if rule.again_every else _NEVER
    return f"case when {code}_acts in (2, 4) then {code}_due when {code}_acts = 1 then {after} end"
