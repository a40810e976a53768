"""The risk that the platform steps in: the signals of a line, added up."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from oracle.clause import Ruling
from oracle.counting import Finding
from oracle.lines import Line

Grades = list[tuple[timedelta, float]]
Risks = Mapping[str, tuple[str | None, Grades]]
"""Code of a signal -> (group or None, its risk from so long after the deadline on)."""
RISK = "IR900"
NEAR, BREACHED = Decimal("0.3"), Decimal("0.5")


def graded(grades: Grades, late: timedelta | None) -> Decimal:
    """The last grade that a line has reached; what has no deadline has one grade."""
    reached = [risk for since, risk in grades if late is None or late >= since]
    return Decimal(str(reached[-1]))


def risk_of(signals: Mapping[str, Ruling], risks: Risks) -> Decimal:
    """1 - product of (1 - risk), of each group only the strongest signal, to four decimals."""
    strongest: dict[tuple[str | None, str], Decimal] = {}
    for code, ruling in signals.items():
        group, grades = risks[code]
        key = (group, "" if group else code)
        strongest[key] = max(strongest.get(key, Decimal(0)), graded(grades, ruling.late))
    spared = Decimal(1)
    for risk in strongest.values():
        spared *= 1 - risk
    return (1 - spared).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def intervention(line: Line, signals: Mapping[str, Ruling], risks: Risks) -> Finding | None:
    """The finding of a line on which the platform may step in, by the signals that hit it."""
    risk = risk_of(signals, risks)
    if risk < NEAR:
        return None
    return Finding(
        state="breached" if risk >= BREACHED else "near",
        count=len(signals),
        due_at=min((ruling.due for ruling in signals.values() if ruling.due), default=None),
        next_due_at=None,
        amount_at_stake=line.amount,
        lines=(line.line_id,),
        risk=float(risk),
    )
