"""The signals of a line → its intervention risk, in exact decimals."""

from decimal import Decimal

from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.states import HIT
from merchantwatch.rules import BoundRule, Risk, later


def risk_columns(risk: Risk, plan: Plan) -> dict[str, object]:
    """Return the columns of a line's risk, 1 − Π(1 − risk) over its signals, as template values."""
    signals = plan.signals
    hit = {bound.code: f"{bound.code}_state = {HIT}" for bound in signals}
    groups: dict[str, list[BoundRule]] = {}
    for bound in signals:
        groups.setdefault(bound.rule.group or bound.code, []).append(bound)
    # ``no_risk`` is the product of 1 - risk; of a group only the strongest signal counts. Rounded
    # to twelve digits after each factor, it is exact for six groups of risks with two digits, and
    # never wider than a decimal.
    no_risk = "cast(1 as decimal(18, 12))"
    for members in groups.values():
        factors = [f"case when {hit[b.code]} then 1 - {_grade(b)} else 1 end" for b in members]
        factor = factors[0] if len(factors) == 1 else f"least({', '.join(factors)})"
        no_risk = f"cast({no_risk} * cast({factor} as decimal(8, 6)) as decimal(18, 12))"
    hits = [f"case when {test} then 1 else 0 end" for test in hit.values()]
    dues = [
        f"case when {hit[bound.code]} then {bound.code}_due end"
        for bound in signals
        if bound.rule.is_clock
    ]
    nothing = "cast(null as timestamp)"
    return {
        "code": risk.code,
        "value": f"round(1 - {no_risk}, 4)",
        "signals": " + ".join(hits),
        "grades": {b.code: _grade(b) for b in signals if b.rule.graded},
        "due": f"least({', '.join([*dues, nothing])})",
        "breached": Decimal(str(risk.breached)),
        "near": Decimal(str(risk.near)),
    }


def _grade(bound: BoundRule) -> str:
    """Return the risk of a signal that hits; a graded one depends on how late the line is."""
    (_, first), *others = bound.rule.grades
    if not others:
        return str(Decimal(str(first)))
    ended, due = f"coalesce(({bound.sql['done']}), as_of)", f"{bound.code}_due"
    arms = [
        f"when {ended} >= {later(due, span, bound.tz)} then {risk}" for span, risk in others[::-1]
    ]
    if "promised_ship_at" in bound.reads:
        # No buyer was given a computed promise: a line that is late by it has the first grade.
        arms.insert(0, f"when promise_computed then {first}")
    return f"case {' '.join(arms)} else {first} end"
