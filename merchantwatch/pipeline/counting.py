"""Judged lines → hits and findings: what a line adds to its scope, and the limits it is held to."""

from collections.abc import Mapping, Sequence
from datetime import date

from merchantwatch.findings import Outcome
from merchantwatch.pipeline.judging import (
    HIT,
    OPEN_FIELDS,
    counts_open,
    scope_key,
    volume_column,
)
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.platforms import Platforms
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.rules import (
    LIMITS,
    SEVERITIES,
    BoundRule,
    Limits,
    Rule,
    Severity,
    later,
)


def day_of(bound: BoundRule) -> str:
    """Return the day that a judged line counts for: by the rule's ``day``, else by its deadline."""
    if bound.rule.day:
        return f"cast(({bound.sql['day']}) as date)"
    return f"cast({bound.code}_due as date)" if bound.rule.is_clock else "cast(null as date)"


def open_scopes(plan: Plan) -> str:
    """Return the query of the deadlines still ahead in scopes of several lines."""
    opening = [bound for bound in _looking_ahead(plan) if counts_open(bound)]
    rules = [
        {"code": bound.code, "key": scope_key(bound.rule.per, day_of(bound))} for bound in opening
    ]
    return stage("8_open", rules=rules, fields=OPEN_FIELDS)


def _looking_ahead(plan: Plan) -> list[BoundRule]:
    """Return the rules of whose scopes the next deadline is told by their lines that are not hit.

    A line that a rule strikes again tells its own: see ``next_due_at``.
    """
    clocks = [bound for bound in plan.rules if bound.rule.is_clock and not bound.rule.is_signal]
    return [bound for bound in clocks if not bound.rule.again_every]


def hits(plan: Plan, currencies: Mapping[int, str | None]) -> str:
    """Return the query of one row for each line and rule that is hit or near.

    ``currencies`` is whose money the amounts of each source are.
    """
    rules = [_hit(bound) for bound in plan.rules]
    if plan.risk and plan.judges_risk:
        rules.append(_risk_hit(plan.risk.code))
    charged = [_charged(bound) for bound in plan.rules if _is_charged(bound)]
    currency = currency_of(currencies)
    return stage("8_hits", rules=rules, charged=charged, currency=currency)


def currency_of(currencies: Mapping[int, str | None]) -> str:
    """Return the SQL of the currency of a line, by its source."""
    if len(set(currencies.values())) <= 1:
        only = next(iter(currencies.values()), None)
        return literal(only) if only else "cast(null as varchar)"
    told = (f"when {n} then {literal(word)}" for n, word in currencies.items() if word)
    return f"case source {' '.join(told)} end"


def _hit(bound: BoundRule) -> dict[str, object]:
    rule = bound.rule
    due = f"{bound.code}_due" if rule.has_due else "cast(null as timestamp)"
    return {
        "code": bound.code,
        "key": scope_key(rule.per, day_of(bound)),
        "penalty": _penalty(bound),
        "buyer_most": bound.buyer_day or _NO_MONEY,
        "charged": _is_charged(bound),
        "day": day_of(bound),
        "shown_due": due,
        "next_due": next_strike(bound) if rule.again_every else "cast(null as timestamp)",
        "weight": _weight(bound),
        "still": _still(bound),
        "risk": "cast(null as decimal(18, 4))",
    }


_NO_MONEY = "cast(null as decimal(18, 2))"


def _penalty(bound: BoundRule) -> str:
    if bound.penalty is None:
        return _NO_MONEY
    if _is_charged(bound):
        return f"{bound.code}_charged.penalty"
    return f"cast(case when {bound.code}_state = {HIT} then {bound.penalty} end as decimal(18, 2))"


def _is_charged(bound: BoundRule) -> bool:
    """Say whether what a hit costs is not told by its line alone."""
    return bound.penalty is not None and bool(bound.caps or bound.rule.each_strike)


def _charged(bound: BoundRule) -> dict[str, object]:
    """Return the moments at which a line is charged, and what bounds the charges of a day."""
    rule = bound.rule
    at = f"{bound.code}_due" if rule.is_clock else f"({bound.sql['day']})"
    times = [("true", at)]
    if rule.each_strike:
        times = [
            (test, at if n == 0 else later(at, _times(rule, n), bound.tz))
            for n, test in enumerate(_strikes(bound))
        ]
    return {
        "code": bound.code,
        "money": bound.penalty,
        "times": times,
        "caps": [(scope_key(per, "charged_on"), most) for per, most in bound.caps.items()],
    }


def _risk_hit(code: str) -> dict[str, object]:
    return {
        "code": code,
        "key": "line_id",
        "penalty": _NO_MONEY,
        "buyer_most": _NO_MONEY,
        "charged": False,
        "day": "cast(null as date)",
        "shown_due": f"{code}_due",
        "next_due": "cast(null as timestamp)",
        "weight": f"cast({code}_signals as bigint)",
        "still": "true",
        "risk": f"cast({code}_risk as decimal(18, 4))",
    }


def _strikes(bound: BoundRule) -> list[str]:
    """Return the tests of the strikes: at due, and every so long after it."""
    rule = bound.rule
    end, due = f"coalesce({bound.sql['done']}, as_of)", f"{bound.code}_due"
    return [f"{end} > {due}"] + [
        f"{end} >= {later(due, _times(rule, n), bound.tz)}" for n in range(1, rule.cap or 1)
    ]


def _times(rule: Rule, n: int) -> str:
    number, unit = (rule.again_every or "1 day").split()
    return f"{int(number) * n} {unit}"


def _weight(bound: BoundRule) -> str:
    if not bound.rule.again_every:
        return f"cast(case when {bound.code}_state = {HIT} then 1 else 0 end as bigint)"
    counted = " + ".join(f"case when {test} then 1 else 0 end" for test in _strikes(bound))
    return f"cast({counted} as bigint)"


def next_strike(bound: BoundRule) -> str:
    """Return the SQL of the next moment at which a rule strikes a judged line again."""
    arms = [
        f"when not ({test}) then {later(f'{bound.code}_due', _times(bound.rule, n), bound.tz)}"
        for n, test in enumerate(_strikes(bound))
        if n > 0
    ]
    return f"case when {bound.sql['done']} is not null then null {' '.join(arms)} end"


def _still(bound: BoundRule) -> str:
    """Return the test of a line of which what the clock waits for has not been done."""
    done = bound.sql.get("done")
    return f"({done}) is null" if bound.rule.action_done and done else "true"


def findings(plan: Plan) -> str:
    """Return the query that counts hits per scope and holds them against the limits."""
    rules = [bound for bound in plan.rules if not bound.rule.is_signal]
    counted = [limit for bound in rules for limit in _limits(bound)]
    if plan.risk and plan.judges_risk:
        one = dict.fromkeys((*LIMITS, "since", "until"), "null") | {"at_least": "1"}
        rank = _rank(plan.risk.severity)
        counted.append({"code": plan.risk.code, "rank": rank, "forecast": "false", **one})
    ahead = [bound.code for bound in _looking_ahead(plan) if not counts_open(bound)]
    running = [{"code": b.code, "running": b.rule.running} for b in rules if b.rule.running]
    over_days = [_over_days(bound) for bound in rules if bound.rule.days]
    return stage(
        "9_findings",
        counted=counted,
        ahead=_codes(ahead),
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
    """Say whether each day is held against the limit of a rule."""
    return bound.rule.by_day or bool(bound.rule.days)


def _limits(bound: BoundRule) -> list[dict[str, str]]:
    """Return the limit of a rule, and where its versions differ in it each with its days.

    A version that warns by a number of its own has no forecast.
    """
    rule = bound.rule
    told = {"code": rule.code, "rank": _rank(rule.severity), "forecast": _truth(rule.forecast)}
    if not any(version.limits for version in rule.in_force):
        return [told | _limit(rule) | {"since": "null", "until": "null"}]
    ends = [*(version.since for version in rule.in_force[1:]), None]
    return [
        told
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
    """Return how many days a rule wants of how many, and the limit that one alone may reach.

    Its ``near`` is of days.
    """
    rule = bound.rule
    numbers = {"days": rule.most_days, "of_days": rule.of_days, "near": _number(rule.near)}
    return {"code": bound.code, **numbers, "one": _limit(rule.one_day)}


def _date(day: date | None) -> str:
    return f"date '{day.isoformat()}'" if day and day > date.min else "null"


def listed(outcomes: Sequence[Outcome], most: int) -> str:
    """Return the query of the worst findings: so many of rules that have more."""
    crowded = [
        {"code": literal(outcome.code), "broken_alone": outcome.breached >= most}
        for outcome in outcomes
        if outcome.findings > most
    ]
    return stage("9_listed", crowded=crowded, most=most)


def first_lines(plan: Plan, most: int) -> str:
    """Return the query of the first lines of each listed finding."""
    return stage("finding_lines", of_lines=_of_lines(plan), most=most)


def _of_lines(plan: Plan) -> str:
    """Return the codes of the rules whose every line is a scope of its own."""
    codes = [bound.code for bound in plan.rules if bound.rule.per == "line"]
    return _codes([*codes, plan.risk.code] if plan.risk else codes)


def _codes(codes: Sequence[str]) -> str:
    """Return codes as a list of literals that is never empty."""
    return ", ".join(map(literal, ["", *codes]))


def volumes(plan: Plan, platforms: Platforms) -> str:
    """Return the query that counts the lines of which a share is taken, per scope."""
    by_source = " ".join(
        f"when {number} then {'of_platform' if number in platforms.told else literal(names[0])}"
        for number, names in platforms.of.items()
        if names
    )
    rates = [
        {
            "code": bound.code,
            "platform": f"case source {by_source} end",
            "key": scope_key(bound.rule.per, volume_column(bound), "of_shop", "of_product"),
            "column": volume_column(bound),
            "counted_on": volume_column(bound) if _counts_days(bound) else "cast(null as date)",
        }
        for bound in plan.rates
    ]
    return stage("8_volumes", rates=rates)


def _number(value: object) -> str:
    return "null" if value is None else str(value)


def _rank(severity: Severity) -> str:
    return str(SEVERITIES.index(severity))
