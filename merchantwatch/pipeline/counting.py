"""Judged lines → hits and findings: what a line adds to its scope, and the limits it is held to."""

from collections.abc import Mapping
from typing import Any

from merchantwatch.pipeline.judging import HIT, KEYS, OPEN_FIELDS, Plan, counts_open
from merchantwatch.pipeline.stages import stage
from merchantwatch.rules import SEVERITIES, BoundRule, Rule, Severity, span_sql


def scope_of(rule: Rule, line: Mapping[str, Any]) -> str | None:
    """Return the key of the scope that a line is counted in."""
    key: str | None = line["shop"] or "" if rule.per == "shop" else line[KEYS[rule.per]]
    return key


def open_lines(plan: Plan) -> str:
    """Return the query of the deadlines still ahead, by scope.

    Those of a line's own rules are left out of it where they strike again: see ``next_due_at``.
    """
    clocks = [bound for bound in plan.rules if bound.rule.is_clock and not bound.rule.is_signal]
    rules = [
        {"code": bound.code, "key": KEYS[bound.rule.per], "opens": counts_open(bound)}
        for bound in clocks
        if not bound.rule.again_every
    ]
    return stage(
        "8_open",
        of_lines=[rule for rule in rules if not rule["opens"]],
        of_scopes=[rule for rule in rules if rule["opens"]],
        fields=OPEN_FIELDS,
    )


def hits(plan: Plan) -> str:
    """Return the query of one row for each line and rule that is hit or near."""
    rules = [_hit(bound) for bound in plan.rules]
    if plan.risk and plan.judges_risk:
        rules.append(_risk_hit(plan.risk.code))
    return stage("8_hits", rules=rules)


def _hit(bound: BoundRule) -> dict[str, str]:
    rule = bound.rule
    due = f"{bound.code}_due" if rule.is_clock else "cast(null as timestamp)"
    return {
        "code": bound.code,
        "key": KEYS[rule.per],
        "shown_due": due,
        "next_due": _next_strike(bound) if rule.again_every else "cast(null as timestamp)",
        "weight": _weight(bound),
        "risk": "cast(null as decimal(18, 4))",
    }


def _risk_hit(code: str) -> dict[str, str]:
    return {
        "code": code,
        "key": KEYS["line"],
        "shown_due": f"{code}_due",
        "next_due": "cast(null as timestamp)",
        "weight": f"cast({code}_signals as bigint)",
        "risk": f"cast({code}_risk as decimal(18, 4))",
    }


def _strikes(bound: BoundRule) -> list[str]:
    """Return the tests of the strikes: at due, and every so long after it."""
    rule = bound.rule
    end, due = f"coalesce({bound.sql['done']}, as_of)", f"{bound.code}_due"
    return [f"{end} > {due}"] + [
        f"{end} >= {due} + {_times(rule, n)}" for n in range(1, rule.cap or 1)
    ]


def _times(rule: Rule, n: int) -> str:
    number, unit = (rule.again_every or "1 day").split()
    return span_sql(f"{int(number) * n} {unit}")


def _weight(bound: BoundRule) -> str:
    if not bound.rule.again_every:
        return f"cast(case when {bound.code}_state = {HIT} then 1 else 0 end as bigint)"
    counted = " + ".join(f"case when {test} then 1 else 0 end" for test in _strikes(bound))
    return f"cast({counted} as bigint)"


def _next_strike(bound: BoundRule) -> str:
    later = [
        f"when not ({test}) then {bound.code}_due + {_times(bound.rule, n)}"
        for n, test in enumerate(_strikes(bound))
        if n > 0
    ]
    return f"case when {bound.sql['done']} is not null then null {' '.join(later)} end"


def findings(plan: Plan) -> str:
    """Return the query that counts hits per scope and holds them against the limits."""
    counted = [_limit(bound) for bound in plan.rules if not bound.rule.is_signal]
    if plan.risk and plan.judges_risk:
        one = {"at_least": "1", "more_than": "null", "near": "null"}
        counted.append({"code": plan.risk.code, "rank": _rank(plan.risk.severity), **one})
    return stage("9_findings", counted=counted)


def _limit(bound: BoundRule) -> dict[str, str]:
    rule = bound.rule
    return {
        "code": rule.code,
        "rank": _rank(rule.severity),
        "at_least": str(rule.at_least or "null"),
        "more_than": "null" if rule.more_than is None else str(rule.more_than),
        "near": str(rule.near or "null"),
    }


def _rank(severity: Severity) -> str:
    return str(SEVERITIES.index(severity))
