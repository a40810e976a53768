"""Judged lines → those that somebody can still do something about, with what happens otherwise."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from merchantwatch.pipeline import shipping
from merchantwatch.pipeline.charging import bounds_buyers, hits_on_top, of_version
from merchantwatch.pipeline.hits import currency_of, day_of, next_strike
from merchantwatch.pipeline.judging import scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.rules import SEVERITIES, BoundRule, Rule

_UNSHIPPED = "shipped_at is null and not shipped_without_time and status <> 'closed'"
_UNSCANNED = (
    "picked_up_at is null and delivered_at is null and status not in ('closed', 'completed')"
)
_STILL = {"ship": _UNSHIPPED, "hand-over": _UNSCANNED}
"""Of kinds that plain conditions ask for too: the test of a line of which it is not done."""

_NEVER = "cast(null as timestamp)"

Kinds = Mapping[str, tuple[str, bool]]
"""Of each kind of task what one is about, and whether it is over when it is due."""


def asking(plan: Plan) -> list[BoundRule]:
    """Return the rules of a run that ask for tasks of lines, in their order."""
    return [bound for bound in plan.rules if _of_lines(bound.rule)]


def _of_lines(rule: Rule) -> bool:
    """Say whether a rule asks for a task that is not about its scope as a whole."""
    of_scopes = {"hold-sale"} if rule.per == "line" else {"hold-sale", "review"}
    return bool(set(rule.tasks) - of_scopes)


def tables(plan: Plan, currencies: Mapping[int, str | None], kinds: Kinds) -> dict[str, str]:
    """Return the queries of the tables of tasks, in their order; none where no rule asks for any.

    ``task_lines``: of each rule a line has ``_acts``, 1 past the deadline, 2 near it and 4 far from
    it, as long as the act is not done; ``_at``, the moment that lies ahead; ``_key`` of its scope;
    ``_money``. ``task_parts``: the lines of each task; ``tasks``: these in their order.
    ``kinds`` says of each kind what one task of it is about, and whether it is over when due.
    """
    rules = [_of_rule(bound) for bound in map(shipping.knowing, asking(plan))]
    if not rules:
        return {}
    costs = {"on_top": hits_on_top(plan), "by_buyer": bounds_buyers(plan)}
    acts = [act for bound in asking(plan) for act in _acts(bound, kinds)]
    return {
        "task_lines": stage("9_task_lines", rules=rules, currency=currency_of(currencies), **costs),
        "task_acts": stage("9_task_acts", acts=acts),
        "task_parts": stage("9_task_parts"),
        "tasks": stage("9_tasks"),
    }


def backlog_lines() -> str:
    """Return the query of all lines that somebody can still do something about."""
    return "select * from task_lines order by platform, line_id, source, source_row"


def totals(soon: datetime) -> str:
    """Return the query of what tasks add up to, those apart that are due until a moment."""
    return stage("task_totals", soon=literal(soon))


def listed(first: int, most: int) -> str:
    """Return the query of the lines of so many tasks, from a place on; the first is 0."""
    return stage("listed_tasks", first=first, most=most)


def _acts(bound: BoundRule, kinds: Kinds) -> Iterator[dict[str, object]]:
    """Yield what a rule asks to be done, once for each kind of its tasks."""
    rule = bound.rule
    reach = rule.at_least if rule.more_than is None else rule.more_than + 1
    for kind in rule.tasks:
        if kind == "hold-sale" or (kind == "review" and rule.per != "line"):
            continue
        per, over_at_due = kinds[kind]
        yield {
            "kind": kind,
            "code": bound.code,
            "about": ", ".join(f"task_lines.{name}" for name in _ABOUT[per]),
            "rank": SEVERITIES.index(rule.severity),
            "mends": str(rule.while_open or not rule.is_clock).lower(),
            "of_line": rule.per == "line",
            "sure": str(not rule.counts and not rule.days).lower(),
            "reach": "null" if rule.days or reach is None else reach,
            "states": "2, 4" if over_at_due else "1, 2, 4",
        }


_ABOUT = {
    "order": ("order_key",),
    "parcel": ("tracking_no", "order_key"),
    "case": ("case_id", "line_id"),
    "product": ("product_id", "line_id"),
    "scope": ("line_id",),
}
"""What a task is about, by what one of its kind is of: the first of these that is known."""


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
        "loses": rule.loses_amount,
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
