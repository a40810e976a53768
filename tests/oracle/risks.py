"""The risk that the platform steps in: the signals of a line, added up."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from oracle.clause import Ruling
from oracle.counting import Finding
from oracle.lines import Line

Risks = Mapping[str, tuple[str | None, float]]
"""Code of a signal -> (group or None, risk)."""
RISK = "IR900"
NEAR, BREACHED = Decimal("0.3"), Decimal("0.5")


def risk_of(codes: Iterable[str], risks: Risks) -> Decimal:
    """1 - product of (1 - risk), of each group only the strongest signal, to four decimals."""
    strongest: dict[tuple[str | None, str], Decimal] = {}
    for code in codes:
        group, share = risks[code]
        key = (group, "" if group else code)
        strongest[key] = max(strongest.get(key, Decimal(0)), Decimal(str(share)))
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
