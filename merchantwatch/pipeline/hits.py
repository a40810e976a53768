"""Judged lines → hits: what a line adds to the count of its scope, its next strike, its cost."""

from collections.abc import Mapping

from merchantwatch.pipeline import verdicts
from merchantwatch.pipeline.judging import scope_key
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.states import HIT, NEAR
from merchantwatch.rules import BoundRule, Rule, later

_HITS = (HIT, NEAR)

_NO_TIME, _NO_DAY = "cast(null as timestamp)", "cast(null as date)"
_NO_MONEY = "cast(null as decimal(18, 2))"

_USUAL = {
    "key": "line_id",
    "penalty": _NO_MONEY,
    "buyer_most": _NO_MONEY,
    "day": _NO_DAY,
    "next_due": _NO_TIME,
    "weight": f"case when verdict.state = {HIT} then 1 else 0 end",
    "not_done": "true",
    "risk": "cast(null as decimal(18, 4))",
}
"""The columns of a hit where its rule defines no others."""


def day_of(bound: BoundRule, due: str = "") -> str:
    """Return the day that a judged line counts for: by the rule's ``day``, else by its deadline.

    ``due`` is the SQL of the deadline, if not that of the judged line.
    """
    if bound.rule.day:
        return f"cast(({bound.sql['day']}) as date)"
    return f"cast({due or due_of(bound)} as date)" if bound.rule.is_clock else _NO_DAY


def due_of(bound: BoundRule) -> str:
    """Return the deadline of a judged line by a rule."""
    return f"{bound.code}_due" if bound.rule.has_due else _NO_TIME


def hits(plan: Plan, currencies: Mapping[int, str | None]) -> str:
    """Return the query of one row for each line and rule that is hit or near.

    ``currencies`` is the currency of the amounts of each source.
    """
    columns_of = {bound.code: _hit(bound) for bound in plan.rules}
    rules = [verdicts.verdict(bound.code, _HITS, due_of(bound)) for bound in plan.rules]
    if plan.risk and plan.judges_risk:
        code = plan.risk.code
        columns_of[code] = _risk_hit(code)
        rules.append(verdicts.verdict(code, _HITS, f"{code}_due"))
    return render_sql(
        "8_hits",
        rules=rules,
        charged=[_charge_parameters(bound) for bound in plan.rules if _is_charged(bound)],
        currency=currency_of(currencies),
        **verdicts.columns(_USUAL, columns_of),
    )


def currency_of(currencies: Mapping[int, str | None]) -> str:
    """Return the SQL of the currency of a line, by its source."""
    # Nearly every run has one currency: a constant spares a CASE on every hit.
    if len(set(currencies.values())) <= 1:
        only = next(iter(currencies.values()), None)
        return literal(only) if only else "cast(null as varchar)"
    arms = (f"when {n} then {literal(word)}" for n, word in currencies.items() if word)
    return f"case source {' '.join(arms)} end"


def _hit(bound: BoundRule) -> dict[str, str]:
    """Return the columns of a rule's hits that may differ from the usual ones."""
    day = day_of(bound, verdicts.DUE)
    columns = {"key": scope_key(bound.rule.per, day), "day": day, "not_done": _act_not_done(bound)}
    if bound.penalty is not None:
        columns["penalty"] = "charged.penalty" if _is_charged(bound) else bound.penalty
    if bound.buyer_day:
        columns["buyer_most"] = bound.buyer_day
    if bound.rule.again_every:
        columns["next_due"] = next_strike(bound, verdicts.DUE)
        tests = _strikes(bound, verdicts.DUE)
        columns["weight"] = " + ".join(f"case when {test} then 1 else 0 end" for test in tests)
    return columns


def _is_charged(bound: BoundRule) -> bool:
    """Say whether the cost of a hit depends on more than its line."""
    return bound.penalty is not None and bool(bound.caps or bound.rule.each_strike)


def _charge_parameters(bound: BoundRule) -> dict[str, object]:
    """Return the moments at which a line is charged, and the caps on the charges of a day."""
    rule = bound.rule
    at = f"{bound.code}_due" if rule.is_clock else f"({bound.sql['day']})"
    times = [("true", at)]
    if rule.each_strike:
        # The first strike is charged at the deadline itself, each further one when it strikes.
        times = [
            (test, at if n == 0 else later(at, _multiple_of_interval(rule, n), bound.tz))
            for n, test in enumerate(_strikes(bound, at))
        ]
    return {
        "code": bound.code,
        "money": bound.penalty,
        "times": times,
        "caps": [(scope_key(per, "charged_on"), most) for per, most in bound.caps.items()],
    }


def _risk_hit(code: str) -> dict[str, str]:
    # Its count is that of its signals, since one line has one risk.
    return {"weight": f"{code}_signals", "risk": f"cast({code}_risk as decimal(18, 4))"}


def _strikes(bound: BoundRule, due: str) -> list[str]:
    """Return the test of each strike: the first at the deadline, others at intervals after it."""
    rule, end = bound.rule, f"coalesce({bound.sql['done']}, as_of)"
    # Done exactly at the deadline is in time, but a further interval is full when it ends.
    return [f"{end} > {due}"] + [
        f"{end} >= {later(due, _multiple_of_interval(rule, n), bound.tz)}"
        # Never beyond the cap: the clause judges no further.
        for n in range(1, rule.cap or 1)
    ]


def _multiple_of_interval(rule: Rule, n: int) -> str:
    """Return ``n`` times the interval of a rule that strikes again: "24 hours" → "48 hours"."""
    number, unit = (rule.again_every or "1 day").split()
    return f"{int(number) * n} {unit}"


def next_strike(bound: BoundRule, due: str = "") -> str:
    """Return the SQL of the next moment at which a rule strikes a judged line again."""
    due = due or due_of(bound)
    arms = [
        f"when not ({test}) then {later(due, _multiple_of_interval(bound.rule, n), bound.tz)}"
        for n, test in enumerate(_strikes(bound, due))
        # The first strike is the deadline itself, which is not "again".
        if n > 0
    ]
    return f"case when {bound.sql['done']} is not null then null {' '.join(arms)} end"


def _act_not_done(bound: BoundRule) -> str:
    """Return the test of a line whose act is not done yet, for rules whose text depends on that."""
    done = bound.sql.get("done")
    return f"({done}) is null" if bound.rule.action_done and done else "true"
