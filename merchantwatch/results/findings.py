"""The worst findings, as many as a report lists → typed records, each with its first lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

from merchantwatch.engines import Engine
from merchantwatch.language.text import Text
from merchantwatch.pipeline import counting
from merchantwatch.pipeline.joined import Joined
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import stage
from merchantwatch.pipeline.steps import make
from merchantwatch.results import columns, evidence, particulars, rates, risks, wording
from merchantwatch.results.records import Evidence, Finding, FindingKey, Outcome
from merchantwatch.rules import Risk, Rulebook
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
    table = engine.table(stage("listed"))
    members = _members(engine, plan)
    at_risk = risks.lines(engine, plan)
    leaving = rates.leaving(engine, plan)
    needs = evidence.of_findings(engine, plan)
    facts_of = particulars.of_findings(engine, plan, joined)
    by_rule = {bound.code: bound.rule for bound in book.rules}

    @cache
    def words_of(code: str, alone: bool, day: date | None) -> particulars.Words:
        rule = by_rule[code]
        return particulars.Words(rule.alone if alone else rule.on(day))

    names = table.column_names
    titles = {bound.code: bound.rule.title for bound in plan.signals}
    for scope, values in zip(_scopes(table), columns.rows(table, names), strict=True):
        row = dict(zip(names, values, strict=True))
        common = _common(row, members[scope], needs.get(scope))
        if row["code"] in by_rule:
            words = words_of(row["code"], row["alone"], row["counted_on"])
            known = facts_of.get(scope, particulars.NOTHING_SHOWN)
            yield _finding(settings, words, row, common, leaving.get(scope), known)
        elif plan.risk is not None:
            yield _risk_finding(titles, plan.risk, row, common, at_risk[scope])


def _scopes(table: Any) -> Iterator[FindingKey]:
    """Yield what findings are known by: plain tuples, which are equal and made much faster."""
    return cast("Iterator[FindingKey]", columns.rows(table, FindingKey._fields))


@dataclass
class _Members:
    """The first lines of one finding, and the name of its product."""

    lines: list[str]
    product_name: str | None


def _members(engine: Engine, plan: Plan) -> dict[FindingKey, _Members]:
    """Return the first lines of each listed finding, earliest deadline first."""
    table = engine.table(counting.first_lines(plan, MOST_LINES))
    scopes = _scopes(table)
    lines = columns.rows(table, ("line_id", "product_name"))
    found: dict[FindingKey, _Members] = {}
    for scope, (line_id, product_name) in zip(scopes, lines, strict=True):
        held = found.get(scope)
        if held is None:
            found[scope] = _Members([line_id], product_name)
        else:
            held.lines.append(line_id)
    return found


def _finding(
    settings: Settings,
    words: particulars.Words,
    row: Mapping[str, Any],
    common: Mapping[str, Any],
    leaving: rates.Leaving | None,
    known: particulars.Particulars,
) -> Finding:
    rule = words.rule
    rate = rates.rate(rule, row, leaving)
    place = (words, row, settings.as_of, settings.tz)
    said = known.shown(rule.reason, *place) if rule.reason else None
    return Finding(
        severity=rule.severity,
        scope=rule.per,
        limit=words.limit,
        limit_is=words.limit_is,
        reason=wording.reason(rule, row, settings.as_of, rate, settings.tz, said),
        action=known.action(*place),
        rate=rate,
        **common,
    )


def _risk_finding(
    titles: Mapping[str, Text],
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
        reason=wording.risk_reason(titles, row["risk"], signals),
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
