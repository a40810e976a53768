"""The risk that the platform steps in: the signals behind it, their shares, and common causes."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from math import log1p
from typing import Any

from merchantwatch.engines import Engine
from merchantwatch.findings import Cause, Causes, SignalShare
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.stages import literal, stage
from merchantwatch.rules import BoundRule

LEAST_LINES = 20
"""Fewer lines at risk than these tell nothing of what they have in common."""

LEAST_OF_A_CAUSE = 5
"""A cause that fewer lines share may be chance."""

MOST_CAUSES = 5
"""How many causes of a kind are named."""

KINDS = {
    "product": "product_id",
    "warehouse": "warehouse",
    "carrier": "carrier",
    "reason": "case_reason",
}
"""What lines at risk may have in common, and the field that tells it."""

_FOUR_PLACES = Decimal("0.0001")


def lines(engine: Engine, plan: Plan) -> dict[tuple[str, ...], list[BoundRule]]:
    """Return the signals of the line of each listed risk finding, by platform, shop and id."""
    if plan.risk is None or not plan.judges_risk:
        return {}
    codes = [bound.code for bound in plan.signals]
    sql = stage("risk_signals", code=literal(plan.risk.code), signals=codes)
    return {
        (row["platform"], row["shop"], row["key"]): [b for b in plan.signals if row[b.code]]
        for row in engine.table(sql).to_pylist()
    }


def shares(risk: Decimal, hit: Sequence[BoundRule]) -> tuple[SignalShare, ...]:
    """Part a line's risk among its signals, by what each takes from the chance of no harm.

    Of a group only the strongest takes part; the others stand with a share of zero.
    """
    strongest: dict[str, BoundRule] = {}
    for bound in hit:
        group = bound.rule.group or bound.code
        held = strongest.get(group)
        if held is None or (bound.rule.risk or 0) > (held.rule.risk or 0):
            strongest[group] = bound
    weights = {bound.code: -log1p(-(bound.rule.risk or 0)) for bound in strongest.values()}
    total = sum(weights.values())
    return tuple(
        SignalShare(
            bound.code,
            Decimal(str(bound.rule.risk)),
            (risk * Decimal(weights.get(bound.code, 0) / total)).quantize(_FOUR_PLACES),
        )
        for bound in hit
    )


def causes(engine: Engine, plan: Plan, kept: Collection[str]) -> Causes | None:
    """Return what the lines at risk have in common, where there are enough of them to say so."""
    if plan.risk is None or not plan.judges_risk:
        return None
    told = {kind: field for kind, field in KINDS.items() if field in kept}
    sql = stage("causes", code=literal(plan.risk.code), kinds=told)
    rows = engine.table(sql).to_pylist()
    return Causes(
        least=LEAST_LINES,
        lines={kind: _told(rows, kind) for kind in told},
        named=tuple(
            cause
            for kind in told
            if _told(rows, kind) >= LEAST_LINES
            for cause in _worst([_cause(row) for row in rows if row["kind"] == kind])
        ),
    )


def _told(rows: Sequence[Mapping[str, Any]], kind: str) -> int:
    return sum(row["lines"] for row in rows if row["kind"] == kind)


def _cause(row: Mapping[str, Any]) -> Cause:
    return Cause(
        row["kind"], row["value"], row["name"], row["lines"], row["at_risk"], row["amount"]
    )


def _worst(found: Sequence[Cause]) -> list[Cause]:
    enough = [cause for cause in found if cause.lines >= LEAST_OF_A_CAUSE]
    return sorted(enough, key=lambda cause: (-cause.lines, cause.value))[:MOST_CAUSES]
