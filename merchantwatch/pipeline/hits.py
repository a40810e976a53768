"""Judged lines → hits: what a line adds to its scope, when it strikes again, and what it costs."""

from collections.abc import Mapping

from merchantwatch.pipeline.judging import scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.pipeline.states import HIT
from merchantwatch.rules import BoundRule, Rule, later


def day_of(bound: BoundRule) -> str:
    """Return the day that a judged line counts for: by the rule's ``day``, else by its deadline."""
    if bound.rule.day:
        return f"cast(({bound.sql['day']}) as date)"
    return f"cast({bound.code}_due as date)" if bound.rule.is_clock else "cast(null as date)"


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
