"""The signals of a line → its intervention risk, in exact decimals."""

from decimal import Decimal

from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.states import HIT
from merchantwatch.rules import BoundRule, Risk, later


def beside(plan: Plan) -> dict[str, str]:
    """Return of each signal that counts beside others the test that one of these hits."""
    alone = [bound.code for bound in plan.signals if bound.code not in plan.beside]
    test = " or ".join(f"{code}_state = {HIT}" for code in alone) or "false"
    return dict.fromkeys(plan.beside, test)


def added(risk: Risk, plan: Plan) -> dict[str, object]:
    """Return the expressions that add the signals of a line up, in exact decimals."""
    signals, others = plan.signals, beside(plan)
    hit = {
        b.code: f"{b.code}_state = {HIT}" + (f" and ({others[b.code]})" if b.code in others else "")
        for b in signals
    }
    groups: dict[str, list[BoundRule]] = {}
    for bound in signals:
        groups.setdefault(bound.rule.group or bound.code, []).append(bound)
    # Rounded to twelve digits after each factor: exact for six groups of two-digit risks, and
    # never beyond the width of a decimal.
    left = "cast(1 as decimal(18, 12))"
    for members in groups.values():
        factors = [f"case when {hit[b.code]} then 1 - {_grade(b)} else 1 end" for b in members]
        factor = factors[0] if len(factors) == 1 else f"least({', '.join(factors)})"
        left = f"cast({left} * cast({factor} as decimal(8, 6)) as decimal(18, 12))"
    hits = [f"case when {test} then 1 else 0 end" for test in hit.values()]
    dues = [
        f"case when {hit[bound.code]} then {bound.code}_due end"
        for bound in signals
        if bound.rule.is_clock
    ]
    nothing = "cast(null as timestamp)"
    return {
        "code": risk.code,
        "value": f"round(1 - {left}, 4)",
        "signals": " + ".join(hits),
        "grades": {b.code: _grade(b) for b in signals if b.rule.graded},
        "due": f"least({', '.join([*dues, nothing])})",
        "breached": Decimal(str(risk.breached)),
        "near": Decimal(str(risk.near)),
    }


def _grade(bound: BoundRule) -> str:
    """Return the risk of a signal that hits, by how late the line is where it is graded."""
    (_, first), *others = bound.rule.grades
    if not others:
        return str(Decimal(str(first)))
    ended, due = f"coalesce(({bound.sql['done']}), as_of)", f"{bound.code}_due"
    arms = [
        f"when {ended} >= {later(due, span, bound.tz)} then {risk}" for span, risk in others[::-1]
    ]
    return f"case {' '.join(arms)} else {first} end"
