"""Intervention risk: the signals behind it, their shares, and common causes."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import cache
from math import log1p
from typing import NamedTuple

from merchantwatch.engines import Engine
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.pipeline.states import HIT
from merchantwatch.reading.arrow import Row
from merchantwatch.results.records import Cause, Causes, FindingKey, SignalShare
from merchantwatch.rules import BoundRule

LEAST_LINES = 20
"""With fewer lines at risk than this no common causes are named."""

LEAST_OF_A_CAUSE = 5
"""A cause that fewer lines share may be chance."""

MOST_CAUSES = 5
"""At most this many causes of a kind are named."""

KINDS = {
    "product": "product_id",
    "warehouse": "warehouse",
    "carrier": "carrier",
    "reason": "case_reason",
}
"""Kinds of common causes, each with its field."""

_FOUR_PLACES = Decimal("0.0001")


class Hit(NamedTuple):
    """A signal that hits a line, and the risk that it raises there."""

    bound: BoundRule
    risk: Decimal

    @property
    def group(self) -> str:
        """The group of which only the strongest signal counts; without one, the signal itself."""
        return self.bound.rule.group or self.bound.code


def hits(signals: Sequence[BoundRule], line: Row) -> list[Hit]:
    """Return the signals that hit a line as it was judged, in their order."""
    hit = [bound for bound in signals if line[f"{bound.code}_state"] == HIT]
    return [Hit(b, line[f"{b.code}_risk"] if b.rule.graded else _plain(b)) for b in hit]


def strongest(hit: Sequence[Hit]) -> list[Hit]:
    """Return the signal with most risk of each group, the first of equals."""
    best: dict[str, Hit] = {}
    for signal in hit:
        known = best.get(signal.group)
        # The first of equals, as in the SQL that computes the risk.
        if known is None or signal.risk > known.risk:
            best[signal.group] = signal
    return list(best.values())


def _plain(bound: BoundRule) -> Decimal:
    """Return the constant risk of a signal that is not graded."""
    (_, risk), *_ = bound.rule.grades
    return _exact(risk)


@cache
def _exact(risk: float) -> Decimal:
    # By way of its text 0.1 becomes exactly 0.1, as in the SQL that computes the risk.
    return Decimal(str(risk))


def lines(engine: Engine, plan: Plan, of: str) -> dict[FindingKey, list[Hit]]:
    """Return the signals of the line of each risk finding of a table."""
    if plan.risk is None or not plan.judges_risk:
        return {}
    sql = render_sql("risk_signals", listed=of, code=literal(plan.risk.code), signals=plan.signals)
    return {
        FindingKey(plan.risk.code, row["platform"], row["shop"], row["key"]): hits(
            plan.signals, row
        )
        for row in engine.table(sql).to_pylist()
    }


def shares(risk: Decimal, hit: Sequence[Hit]) -> tuple[SignalShare, ...]:
    """Divide a line's risk among its signals; of a group only the strongest has a share."""
    # The chances of no harm (1 - risk) multiply, so their logarithms add up, and each signal has a
    # share of that sum.
    weights = {signal.bound.code: -log1p(-float(signal.risk)) for signal in strongest(hit)}
    total = sum(weights.values())
    return tuple(
        SignalShare(
            bound.code,
            weight,
            (risk * Decimal(weights.get(bound.code, 0) / total)).quantize(_FOUR_PLACES),
        )
        for bound, weight in hit
    )


def causes(engine: Engine, plan: Plan, row_fields: Collection[str]) -> Causes | None:
    """Return the common causes of lines at risk, if there are enough such lines."""
    if plan.risk is None or not plan.judges_risk:
        return None
    known = {kind: field for kind, field in KINDS.items() if field in row_fields}
    sql = render_sql("causes", code=literal(plan.risk.code), kinds=known)
    rows = engine.table(sql).to_pylist()
    return Causes(
        least=LEAST_LINES,
        lines={kind: _lines_with(rows, kind) for kind in known},
        named=tuple(
            cause
            for kind in known
            if _lines_with(rows, kind) >= LEAST_LINES
            for cause in _worst([_cause(row) for row in rows if row["kind"] == kind])
        ),
    )


def _lines_with(rows: Sequence[Row], kind: str) -> int:
    return sum(row["lines"] for row in rows if row["kind"] == kind)


def _cause(row: Row) -> Cause:
    return Cause(
        row["kind"], row["value"], row["name"], row["lines"], row["at_risk"], row["amount"]
    )


def _worst(found: Sequence[Cause]) -> list[Cause]:
    enough = [cause for cause in found if cause.lines >= LEAST_OF_A_CAUSE]
    return sorted(enough, key=lambda cause: (-cause.lines, cause.value))[:MOST_CAUSES]
