"""The signals of a line → its intervention risk, in exact decimals."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.states import HIT
from merchantwatch.rules import BoundRule, Risk, later

_CERTAINTY, _MILLION = 10**12, 10**6
"""The whole numbers that stand for 1: in the product, and in each of its factors."""


def risk_columns(risk: Risk, plan: Plan) -> dict[str, object]:
    """Return the columns of a line's risk, 1 − Π(1 − risk) over its signals, as template values."""
    signals = plan.signals
    hit = {bound.code: f"{bound.code}_state = {HIT}" for bound in signals}
    groups: dict[str, list[BoundRule]] = {}
    for bound in signals:
        groups.setdefault(bound.rule.group or bound.code, []).append(bound)
    # ``no_risk`` is the product of 1 - risk; of a group only the strongest signal counts. Rounded
    # to twelve digits after each factor, it is exact for six groups of risks with two digits. In
    # whole numbers, since a product of decimals takes an engine ten times as long.
    no_risk = f"cast({_CERTAINTY} as bigint)"
    for members in groups.values():
        factors = [
            f"case when {hit[b.code]} then {_no_risk(b)} else {_MILLION} end" for b in members
        ]
        factor = factors[0] if len(factors) == 1 else f"least({', '.join(factors)})"
        no_risk = f"({no_risk} * {factor} + {_MILLION // 2}) // {_MILLION}"
    hits = [f"case when {test} then 1 else 0 end" for test in hit.values()]
    dues = [
        f"case when {hit[bound.code]} then {bound.code}_due end"
        for bound in signals
        if bound.rule.is_clock
    ]
    nothing = "cast(null as timestamp)"
    return {
        "code": risk.code,
        "value": _with_four_digits(f"{_CERTAINTY} - {no_risk}"),
        "signals": " + ".join(hits),
        "grades": {b.code: _grade(b) for b in signals if b.rule.graded},
        "due": f"least({', '.join([*dues, nothing])})",
        "breached": Decimal(str(risk.breached)),
        "near": Decimal(str(risk.near)),
    }


def _with_four_digits(number: str) -> str:
    """Return a part of certainty as a decimal, rounded to four digits."""
    # Half of the last digit is added first: `//` cuts off.
    rounded = f"({number} + {_CERTAINTY // 20_000}) // {_CERTAINTY // 10_000}"
    return f"cast(cast({rounded} as decimal(9, 0)) * 0.0001 as decimal(18, 4))"


def _no_risk(bound: BoundRule) -> str:
    """Return 1 − risk of a signal that hits, in millionths."""
    return _by_grade(
        bound, lambda risk: ((1 - Decimal(str(risk))) * _MILLION).to_integral(ROUND_HALF_UP)
    )


def _grade(bound: BoundRule) -> str:
    """Return the risk of a signal that hits."""
    return _by_grade(bound, lambda risk: Decimal(str(risk)))


def _by_grade(bound: BoundRule, number: Callable[[float], object]) -> str:
    """Return the number of a risk; where it is graded, by how late the line is."""
    (_, first), *others = bound.rule.grades
    if not others:
        return str(number(first))
    ended, due = f"coalesce(({bound.sql['done']}), as_of)", f"{bound.code}_due"
    arms = [
        f"when {ended} >= {later(due, span, bound.tz)} then {number(risk)}"
        # The highest grade first, as the first arm that fits decides.
        for span, risk in others[::-1]
    ]
    if "promised_ship_at" in bound.reads:
        # No buyer was given a computed promise: a line that is late by it has the first grade.
        arms.insert(0, f"when promise_computed then {number(first)}")
    return f"case {' '.join(arms)} else {number(first)} end"
