"""The worst findings, as many as a report lists → typed records, each with its first lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from merchantwatch.engines import Engine
from merchantwatch.pipeline import counting
from merchantwatch.pipeline.joined import Joined
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.pipeline.steps import make
from merchantwatch.results import evidence, particulars, rates, risks, wording
from merchantwatch.results.records import Evidence, Finding, FindingKey, Outcome
from merchantwatch.rules import Risk, Rule, Rulebook
from merchantwatch.settings import Settings

MOST_FINDINGS = 10_000
"""How many findings of one rule are listed; all are counted."""

MOST_LINES = 100
"""How many lines of one finding are listed; all are counted."""


def findings(
    engine: Engine,
    settings: Settings,
    book: Rulebook,
    plan: Plan,
    outcomes: Sequence[Outcome],
    joined: Sequence[Joined],
) -> Iterator[Finding]:
    """Yield the findings that a report lists, the worst first, suppressed ones among them.

    ``outcomes`` have the number of findings of each rule, ``joined`` is what is joined onto lines.
    """
    crowded = {o.code: o.breached >= MOST_FINDINGS for o in outcomes if o.findings > MOST_FINDINGS}
    suppressed = bool(plan.suppressions)
    make(engine, "listed", counting.listed(crowded, MOST_FINDINGS, suppressed=suppressed))
    rows = _rows(engine.table(stage("listed")))
    members = _members(engine, plan)
    at_risk = risks.lines(engine, plan)
    leaving = rates.leaving(engine, plan)
    needs = evidence.of_findings(engine, plan)
    facts_of = particulars.of_findings(engine, plan, joined)
    by_rule = {bound.code: (bound.rule, _of_rule(bound.rule)) for bound in book.rules}
    for row in rows:
        scope = FindingKey.of(row)
        common = _common(row, members[scope], needs.get(scope))
        if row["code"] in by_rule:
            rule, of_rule = by_rule[row["code"]]
            shown = rule.alone if row["alone"] else rule.on(row["counted_on"])
            values = common | (of_rule if shown is rule else _of_rule(shown))
            known = facts_of.get(scope, particulars.NOTHING_SHOWN)
            yield _finding(settings, shown, row, values, leaving.get(scope), known)
        elif plan.risk is not None:
            yield _risk_finding(plan, plan.risk, row, common, at_risk[scope])


def _rows(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table; of many, a column at a time is faster than a row."""
    columns = [table.column(name).to_pylist() for name in table.column_names]
    names = table.column_names
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


@dataclass
class _Members:
    """The first lines of one finding, and the name of its product."""

    lines: list[str]
    product_name: str | None


def _members(engine: Engine, plan: Plan) -> dict[FindingKey, _Members]:
    """Return the first lines of each listed finding, earliest deadline first."""
    table = engine.table(counting.first_lines(plan, MOST_LINES))
    columns = [table.column(name).to_pylist() for name in table.column_names]
    found: dict[FindingKey, _Members] = {}
    for code, platform, shop, key, line_id, product_name in zip(*columns, strict=True):
        scope = FindingKey(code, platform, shop, key)
        held = found.get(scope)
        if held is None:
            found[scope] = _Members([line_id], product_name)
        else:
            held.lines.append(line_id)
    return found


def _of_rule(rule: Rule) -> dict[str, Any]:
    """Return what all findings of a rule have in common."""
    return {
        "severity": rule.severity,
        "scope": rule.per,
        "limit": rule.limit,
        "limit_is": rule.limit_is,
    }


def _finding(
    settings: Settings,
    rule: Rule,
    row: Mapping[str, Any],
    common: Mapping[str, Any],
    leaving: rates.Leaving | None,
    known: particulars.Particulars,
) -> Finding:
    rate = rates.rate(rule, row, leaving)
    place = (rule, row, settings.as_of, settings.tz)
    said = known.shown(rule.reason, *place) if rule.reason else None
    return Finding(
        reason=wording.reason(rule, row, settings.as_of, rate, settings.tz, said),
        action=known.action(*place),
        rate=rate,
        **common,
    )


def _risk_finding(
    plan: Plan,
    risk: Risk,
    row: Mapping[str, Any],
    common: Mapping[str, Any],
    hit: Sequence[risks.Hit],
) -> Finding:
    signals = risks.shares(row["risk"], hit)
    return Finding(
        severity=risk.severity,
        scope="line",
        limit=risk.breached,
        limit_is="at_least",
        reason=wording.risk_reason(plan.signals, row["risk"], signals),
        action=risk.action,
        risk=row["risk"],
        signals=signals,
        **common,
    )


def _common(row: Mapping[str, Any], members: _Members, evidence: Evidence | None) -> dict[str, Any]:
    return {
        "code": row["code"],
        "state": row["state"],
        "platform": row["platform"],
        "shop": row["shop"],
        "key": row["key"],
        "count": row["count"],
        "amount_at_stake": row["amount"],
        "currency": row["currency"],
        "penalty": row["penalty"],
        "due_at": row["due_at"],
        "next_due_at": row["next_due_at"],
        "lines": tuple(members.lines),
        "product_name": members.product_name,
        "evidence": evidence,
        "forecast": row["forecast"],
        "suppressed_by": row["entry"],
    }
