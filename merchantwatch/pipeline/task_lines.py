"""Judged lines → those for which an act is still possible, with what it costs not to act.

An *act* is what a rule asks somebody to do about a line; a *task* collects the acts of one kind
about one order, parcel, case or product.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from merchantwatch.pipeline import shipping, suppressing
from merchantwatch.pipeline.charging import of_version
from merchantwatch.pipeline.hits import currency_of, day_of, next_strike
from merchantwatch.pipeline.judging import scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.rules import SEVERITIES, BoundRule, Rule
from merchantwatch.rules.terms import TaskKind

_UNSHIPPED = "shipped_at is null and not shipped_without_time and status <> 'closed'"
_UNSCANNED = (
    "picked_up_at is null and delivered_at is null and status not in ('closed', 'completed')"
)
_NOT_DONE_YET = {"ship": _UNSHIPPED, "hand-over": _UNSCANNED}
"""Tests that an act is not done yet, for kinds of tasks that rules without a clock ask for, too."""

_NEVER = "cast(null as timestamp)"

Kinds = Mapping[str, tuple[str, bool]]
"""By kind of task: what one task is about, and whether it is over once it was due."""


def rules_with_tasks(plan: Plan) -> list[BoundRule]:
    """Return the rules of a run that ask for tasks of lines, in their order."""
    return [bound for bound in plan.rules if _is_about_lines(bound.rule)]


def _is_about_lines(rule: Rule) -> bool:
    """Say whether a rule asks for a task about lines, not only about its scope as a whole."""
    of_scopes = {"hold-sale"} if rule.per == "line" else {"hold-sale", "review"}
    return bool(set(rule.tasks) - of_scopes)


def words_read(plan: Plan) -> frozenset[str]:
    """Return all words in the expressions for tasks, among them the fields that they read."""
    # A superset is enough: callers intersect it with the columns that exist.
    rules = _rule_parameters(plan)
    if not rules:
        return frozenset()
    expressions = " ".join(str(value) for rule in rules for value in rule.values())
    about = {name for names in _ABOUT.values() for name in names}
    stock = {"out_of_stock"} if _knows_stock(plan) else set()
    return frozenset(re.findall(r"\w+", expressions)) | about | stock


def _knows_stock(plan: Plan) -> bool:
    return any("out_of_stock" in bound.reads | bound.also_names for bound in plan.rules)


def tables(plan: Plan, currencies: Mapping[int, str | None], kinds: Kinds) -> dict[str, str]:
    """Return the queries of the tables of tasks, in their order; none where no rule creates tasks.

    ``task_lines`` has for each line and rule its act: ``_acts`` is 1 past the deadline, 2 near it
    and 4 far from it, as long as the act is not done; ``9_task_lines.sql`` explains the other
    columns. ``task_parts`` are the lines of each task, ``tasks`` the tasks with their money, and
    ``quiet_tasks`` those that are not listed because of suppressions.
    """
    rules = _rule_parameters(plan)
    if not rules:
        return {}
    quiet = suppressing.of_lines(plan, rules_with_tasks(plan))
    acts, keys = _act_parameters(plan, kinds), _scope_keys(plan)
    priced = any(bound.penalty for bound in plan.rules)
    of_lines: dict[str, object] = {
        "knows_stock": _knows_stock(plan),
        "priced": priced,
        "named": _fields_needed(acts, rules, keys),
        "keys": _rules_by_key(rules, keys),
    }
    shared = {"rules": rules, "currency": currency_of(currencies), "quiet": quiet}
    queries = {
        "task_lines": render_sql("9_task_lines", **shared, **of_lines),
        "task_parts": render_sql("9_task_parts", acts=acts),
        "tasks": render_sql("9_tasks", priced=priced or any(r["loses"] for r in rules)),
    }
    if plan.suppressions:
        suppressible = [act for act in acts if act["code"] in quiet or not act["of_line"]]
        queries["quiet_tasks"] = render_sql("9_task_quiet", acts=suppressible)
    return queries


def _fields_needed(
    acts: Sequence[Mapping[str, Any]], rules: Sequence[Mapping[str, Any]], keys: Mapping[str, str]
) -> list[str]:
    """Return the fields of a line that the tables of tasks need."""
    about = {name for act in acts for name in act["of"] if name != "order_key"}
    amount = {"amount"} if any(rule["loses"] for rule in rules) else set()
    return sorted(
        {"line_id"} | about | amount | {name for sql, name in keys.items() if sql == name}
    )


def _rules_by_key(
    rules: Sequence[Mapping[str, Any]], keys: Mapping[str, str]
) -> list[dict[str, object]]:
    """Return the keys of scopes, each with the rules whose findings are looked up by it."""
    # So there is one join for all rules with the same key, however many they are.
    return [
        {"name": name, "sql": sql, "rules": [rule for rule in rules if rule["key"] == name]}
        for sql, name in keys.items()
    ]


def _rule_parameters(plan: Plan) -> list[dict[str, Any]]:
    """Return the template's parameters for each rule that asks for tasks of lines."""
    keys = _scope_keys(plan)
    return [
        _parameters_of_rule(bound, keys)
        for bound in map(shipping.with_untimed, rules_with_tasks(plan))
    ]


def _scope_keys(plan: Plan) -> dict[str, str]:
    """Return the SQL of the keys of scopes of several lines, each with the name of its column."""
    rules = map(shipping.with_untimed, rules_with_tasks(plan))
    found = dict.fromkeys(_scope_key(bound) for bound in rules if bound.rule.per != "line")
    return {sql: sql if sql.isidentifier() else f"key_{place}" for place, sql in enumerate(found)}


def _scope_key(bound: BoundRule) -> str:
    return scope_key(bound.rule.per, day_of(bound))


def backlog_lines(plan: Plan, currencies: Mapping[int, str | None]) -> str:
    """Return the query of all lines for which an act is still possible."""
    rules, currency = _rule_parameters(plan), currency_of(currencies)
    return render_sql("backlog_lines", rules=rules, currency=currency)


def short_scopes(plan: Plan) -> str | None:
    """Return the query of the lines that cannot be shipped, for rules that may stop a sale.

    None where no rule would.
    """
    holding = {bound.code for bound in rules_with_tasks(plan) if "hold-sale" in bound.rule.tasks}
    rules = [rule for rule in _rule_parameters(plan) if rule["code"] in holding]
    return render_sql("short_scopes", rules=rules) if rules else None


def totals(plan: Plan, kinds: Kinds, soon: datetime) -> str:
    """Return the query of the sums of tasks; those due by the moment ``soon`` are summed apart."""
    by_order = (kind for _, kind in _rules_and_kinds(plan) if kinds[kind][0] == "order")
    return render_sql("task_totals", soon=literal(soon), by_order=next(by_order, ""))


@dataclass(frozen=True)
class TaskPage:
    """A page of the tasks ``of`` given kinds: ``most`` tasks from the ``first`` on.

    Each comes with at most ``most_lines`` ids of lines. Kinds are SQL literals.
    """

    first: int
    most: int
    most_lines: int
    of: tuple[str, ...]


def listed(
    plan: Plan, currencies: Mapping[int, str | None], kinds: Kinds, page: TaskPage
) -> tuple[str, str]:
    """Return the queries of a page of tasks, and of the acts behind them.

    An act names its rule by its ``place`` in ``rules_of_acts``.
    """
    return (
        render_sql(
            "listed_tasks", same=_COMMON_FIELDS, currency=currency_of(currencies), **asdict(page)
        ),
        render_sql("listed_acts", acts=_act_parameters(plan, kinds), **asdict(page)),
    )


_COMMON_FIELDS = (
    *("order_key", "product_id", "product_name", "currency", "warehouse", "carrier"),
    *("tracking_no", "case_id"),
)
"""The fields of a task that its lines have in common."""


def rules_of_acts(plan: Plan) -> list[BoundRule]:
    """Return the rules that ask for tasks, once for each kind of these."""
    return [bound for bound, _ in _rules_and_kinds(plan)]


def _rules_and_kinds(plan: Plan) -> Iterator[tuple[BoundRule, TaskKind]]:
    """Yield the rules that ask for tasks of lines, with each kind of these."""
    for bound in rules_with_tasks(plan):
        for kind in bound.rule.tasks:
            if kind != "hold-sale" and (kind != "review" or bound.rule.per == "line"):
                yield bound, kind


def _act_parameters(plan: Plan, kinds: Kinds) -> list[dict[str, Any]]:
    """Return the template's parameters for each rule and each kind of its tasks."""
    keys = {rule["code"]: rule["key"] for rule in _rule_parameters(plan)}
    acts = enumerate(_rules_and_kinds(plan))
    return [
        {"key": keys[bound.code], **_parameters_of_act(place, bound, kind, *kinds[kind])}
        for place, (bound, kind) in acts
    ]


def _parameters_of_act(
    place: int, bound: BoundRule, kind: TaskKind, per: str, over_at_due: bool
) -> dict[str, Any]:
    rule = bound.rule
    return {
        "place": place,
        "kind": kind,
        "code": bound.code,
        "of": _ABOUT[per],
        "about": ", ".join(f"task_lines.{name}" for name in _ABOUT[per]),
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
    return f"coalesce({money} + amount, {money}, amount)"


_ABOUT = {
    "order": ("order_key",),
    "parcel": ("tracking_no", "order_key"),
    "case": ("case_id", "line_id"),
    "product": ("product_id", "line_id"),
    "scope": ("line_id",),
}
"""The id of what a task is about: the first of these fields that is known."""


def _parameters_of_rule(bound: BoundRule, keys: Mapping[str, str]) -> dict[str, Any]:
    rule, code, day = bound.rule, bound.code, day_of(bound)
    tests = [of_version(version, day) for version in bound.on_top]
    return {
        "code": code,
        "is_clock": rule.is_clock,
        "not_done": _not_done_yet(bound),
        "at": _next_moment(bound),
        "key": None if rule.per == "line" else keys[_scope_key(bound)],
        "money": bound.penalty,
        "on_top": " or ".join(tests or ["false"]),
        "loses": rule.loses_amount,
        "of_line": rule.per == "line",
    }


def _not_done_yet(bound: BoundRule) -> str:
    """Return the test of a line whose act is not done yet."""
    if not bound.rule.is_clock:
        tests = [_NOT_DONE_YET[kind] for kind in bound.rule.tasks if kind in _NOT_DONE_YET]
        return " and ".join(tests or ["true"])
    shipped = shipping.untimed(bound, "done")
    is_open = f"({bound.sql['done']}) is null"
    return f"{is_open} and not ({shipped})" if shipped else is_open


def _next_moment(bound: BoundRule) -> str:
    """Return the next moment at which a rule takes effect, for the first time or again."""
    rule, code = bound.rule, bound.code
    if not rule.is_clock:
        return f"case when {code}_due >= as_of then {code}_due end" if rule.by else _NEVER
    after = next_strike(bound) if rule.again_every else _NEVER
    return f"case when {code}_acts in (2, 4) then {code}_due when {code}_acts = 1 then {after} end"
