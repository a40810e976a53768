"""Hits → findings: counted per scope, and compared with the limits."""

from collections.abc import Mapping, Sequence
from datetime import date

from merchantwatch.pipeline.judging import OPEN_FIELDS, counts_open, opens_on_days, scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.platforms import Platforms
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.shares import volume_column
from merchantwatch.rules import (
    LIMITS,
    SEVERITIES,
    BoundRule,
    Limits,
    Severity,
)


def open_scopes(plan: Plan) -> str:
    """Return the query of the upcoming deadlines in scopes of several lines."""
    opening = [bound for bound in _with_upcoming(plan) if counts_open(bound)]
    rules = [
        {
            "code": bound.code,
            "key": scope_key(bound.rule.per, "opens_on"),
            "on_days": opens_on_days(bound),
            "by_day": bound.rule.by_day,
        }
        for bound in opening
    ]
    return render_sql("8_open", rules=rules, fields=OPEN_FIELDS)


def _with_upcoming(plan: Plan) -> list[BoundRule]:
    """Return the rules whose next deadline in a scope is that of a line not hit yet.

    For a rule that strikes again it may be the next strike of a hit line: see ``next_due_at``.
    """
    clocks = [bound for bound in plan.rules if bound.rule.is_clock and not bound.rule.is_signal]
    return [bound for bound in clocks if not bound.rule.again_every]


def findings(plan: Plan) -> str:
    """Return the query that counts hits per scope and compares them with the limits."""
    rules = [bound for bound in plan.rules if not bound.rule.is_signal]
    counted = [limit for bound in rules for limit in _limits(bound)]
    if plan.risk and plan.judges_risk:
        # The risk of a line is a finding as soon as the line is hit or near.
        at_least_one = dict.fromkeys((*LIMITS, "since", "until"), "null") | {"at_least": "1"}
        rank = _rank(plan.risk.severity)
        counted.append({"code": plan.risk.code, "rank": rank, "forecast": "false", **at_least_one})
    upcoming = [bound.code for bound in _with_upcoming(plan) if not counts_open(bound)]
    running = [{"code": b.code, "running": b.rule.running} for b in rules if b.rule.running]
    # Rules over several days first find bad days, then count these.
    over_days = [_over_days(bound) for bound in rules if bound.rule.days]
    return render_sql(
        "9_findings",
        counted=counted,
        upcoming=_codes(upcoming),
        of_lines=_of_lines(plan),
        by_day=_codes([bound.code for bound in rules if _counts_days(bound)]),
        of_days=_codes([bound.code for bound in rules if bound.rule.running or bound.rule.days]),
        running=running,
        running_codes=_codes([str(rule["code"]) for rule in running]),
        over_days=over_days,
        capped=[
            {"code": b.code, "a_day": b.rule.counted.a_day, "a_week": b.rule.counted.a_week}
            for b in rules
            if b.rule.counted
        ],
    )


def _counts_days(bound: BoundRule) -> bool:
    """Say whether each day is compared with the limit of a rule."""
    return bound.rule.by_day or bool(bound.rule.days)


def _limits(bound: BoundRule) -> list[dict[str, str]]:
    """Return the limit of a rule; if its versions differ in it, the limit of each with its days.

    A version that states when to warn has no forecast.
    """
    rule = bound.rule
    common = {"code": rule.code, "rank": _rank(rule.severity), "forecast": _truth(rule.forecast)}
    if not any(version.limits for version in rule.in_force):
        return [common | _limit(rule) | {"since": "null", "until": "null"}]
    # A version ends when the next begins, unless it states its end.
    ends = [*(version.since for version in rule.in_force[1:]), None]
    return [
        common
        | _limit(version if version.limits else rule)
        | {"forecast": _truth(rule.forecast and version.near is None)}
        | {"since": _date(version.since), "until": _date(version.until or end)}
        for version, end in zip(rule.in_force, ends, strict=True)
    ]


def _truth(value: bool) -> str:
    return str(value).lower()


def _limit(limits: Limits | None) -> dict[str, str]:
    return {name: _number(getattr(limits, name, None)) for name in LIMITS}


def _over_days(bound: BoundRule) -> dict[str, object]:
    """Return the days of a rule over several days, and the limit that a single one may reach.

    Its ``near`` counts days.
    """
    rule = bound.rule
    numbers = {"days": rule.most_days, "of_days": rule.of_days, "near": _number(rule.near)}
    return {"code": bound.code, **numbers, "one": _limit(rule.one_day)}


def _date(day: date | None) -> str:
    # The first version has no beginning: `date.min` stands for none.
    return f"date '{day.isoformat()}'" if day and day > date.min else "null"


def listed(crowded: Mapping[str, bool], most: int, *, suppressed: bool) -> str:
    """Return the query of the worst findings: at most ``most`` of each rule.

    ``crowded`` has the codes of the rules with more findings than that, and whether their breached
    findings alone are more. If some findings are ``suppressed``, the worst of those are listed too,
    at most ``most`` of all rules together.
    """
    # Only crowded rules are ranked: sorting the findings of all rules costs far more.
    rules = [{"code": literal(code), "broken_alone": alone} for code, alone in crowded.items()]
    return render_sql("9_listed", crowded=rules, most=most, suppressed=suppressed)


def first_lines(plan: Plan, most: int, table: str) -> str:
    """Return the query of the first lines of each finding that a table lists."""
    return render_sql("finding_lines", of_lines=_of_lines(plan), most=most, listed=table)


def _of_lines(plan: Plan) -> str:
    """Return the codes of the rules whose scope is a single line."""
    codes = [bound.code for bound in plan.rules if bound.rule.per == "line"]
    return _codes([*codes, plan.risk.code] if plan.risk else codes)


def _codes(codes: Sequence[str]) -> str:
    """Return codes as a list of literals that is never empty."""
    # SQL has no empty list after IN, and no rule has the code "".
    return ", ".join(map(literal, ["", *codes]))


def volumes(plan: Plan, platforms: Platforms) -> str:
    """Return the query of the denominators of shares, per scope."""
    rates = [
        {
            "code": bound.code,
            "platform": platforms.of_source,
            "key": scope_key(bound.rule.per, volume_column(bound), "of_shop", "of_product"),
            "column": volume_column(bound),
            "counted_on": volume_column(bound) if _counts_days(bound) else "cast(null as date)",
        }
        for bound in plan.rates
    ]
    source = ["source", "of_platform"] if platforms.naming else ["source"]
    # Rules that take their shares of the same lines have one column.
    special = dict.fromkeys(str(rate["column"]) for rate in rates)
    return render_sql(
        "8_volumes", rates=rates, columns=[*source, "of_shop", "of_product", *special]
    )


def _number(value: object) -> str:
    return "null" if value is None else str(value)


def _rank(severity: Severity) -> str:
    return str(SEVERITIES.index(severity))
