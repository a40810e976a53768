"""Judged lines → those for which an act is still possible, with what it costs not to act.

An *act* is what a rule asks somebody to do about a line; a *task* collects the acts of one kind
about one order, parcel, case or product.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from merchantwatch.pipeline import acts, shipping, suppressing
from merchantwatch.pipeline.hits import currency_of, day_of
from merchantwatch.pipeline.judging import scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.rules import BoundRule, Rule
from merchantwatch.rules.terms import TaskKind

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
    about = {name for names in acts.ABOUT.values() for name in names}
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
    required, keys = _act_parameters(plan, kinds), _scope_keys(plan)
    priced = any(bound.penalty for bound in plan.rules)
    of_lines: dict[str, object] = {
        "knows_stock": _knows_stock(plan),
        "priced": priced,
        "loses": any(rule["loses"] for rule in rules),
        "named": _fields_needed(required, keys),
        "keys": _rules_by_key(rules, keys),
    }
    shared = {"rules": rules, "currency": currency_of(currencies), "quiet": quiet}
    queries = {
        "task_lines": render_sql("9_task_lines", **shared, **of_lines),
        "task_parts": render_sql("9_task_parts", acts=required),
        "tasks": render_sql("9_tasks", priced=priced or any(r["loses"] for r in rules)),
    }
    if plan.suppressions:
        suppressible = [act for act in required if act["code"] in quiet or not act["of_line"]]
        queries["quiet_tasks"] = render_sql("9_task_quiet", acts=suppressible)
    return queries


def _fields_needed(required: Sequence[Mapping[str, Any]], keys: Mapping[str, str]) -> list[str]:
    """Return the fields of a line that the tables of tasks need."""
    about = {name for act in required for name in act["of"] if name != "order_key"}
    return sorted({"line_id"} | about | {name for sql, name in keys.items() if sql == name})


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
        acts.of_rule(bound, None if bound.rule.per == "line" else keys[_scope_key(bound)])
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


class TaskPage(Struct, frozen=True):
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
    return [
        {"key": keys[bound.code], **acts.of_act(place, bound, kind, *kinds[kind])}
        for place, (bound, kind) in enumerate(_rules_and_kinds(plan))
    ]
