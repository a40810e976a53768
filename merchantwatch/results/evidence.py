"""The evidence that an after-sales case needs: what the exports prove, and what is missing."""

from datetime import datetime
from functools import cache
from importlib import resources

import msgspec

from merchantwatch.engines import Engine
from merchantwatch.language.text import Text
from merchantwatch.pipeline.plan import Plan
from merchantwatch.pipeline.rendering import literal, render_sql
from merchantwatch.reading.arrow import Row
from merchantwatch.results.records import Evidence, FindingKey

FIELDS = (
    "case_reason",
    "case_applied_at",
    "case_due_at",
    "evidence_due_at",
    "shipped_at",
    "picked_up_at",
    "delivered_at",
    "tracking_no",
)
"""The fields of a line that its evidence depends on."""


class _Piece(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Text
    proved_by: str | None = None


class _Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    title: Text
    words: list[str]
    source: str
    evidence: list[_Piece]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: list[_Reason]


@cache
def _reasons() -> tuple[_Reason, ...]:
    data = resources.files("merchantwatch.results").joinpath("evidence.toml").read_bytes()
    return tuple(msgspec.toml.decode(data, type=_File).reason)


def of_findings(engine: Engine, plan: Plan, of: str) -> dict[FindingKey, Evidence]:
    """Return the evidence for each finding of a table that is about the case of one line."""
    rules = [bound for bound in plan.rules if bound.about_cases and bound.rule.per == "line"]
    codes = [bound.code for bound in rules if not bound.rule.is_signal]
    codes += [plan.risk.code] if plan.risk and plan.judges_risk else []
    if not codes:
        return {}
    sql = render_sql("case_lines", listed=of, codes=", ".join(map(literal, codes)), fields=FIELDS)
    found: dict[FindingKey, Evidence] = {}
    for row in engine.table(sql).to_pylist():
        needs = of_line(row)
        if needs is not None:
            found[FindingKey.of(row)] = needs
    return found


def of_line(line: Row) -> Evidence | None:
    """Return the evidence for a line's case; None if it has no case."""
    if line.get("case_applied_at") is None:
        return None
    stated = line.get("case_reason") or ""
    reasons = _reasons()
    # In the order of the file: a reason with several known words is the first of these.
    fits = (reason for reason in reasons if any(word in stated for word in reason.words))
    # The last entry of evidence.toml is for all other reasons.
    reason = next(fits, reasons[-1])
    # The platform's own deadline for evidence, else that of the case as a whole.
    due: datetime | None = line.get("evidence_due_at") or line.get("case_due_at")
    proved = [_proves(piece, line) for piece in reason.evidence]
    pieces = list(zip(reason.evidence, proved, strict=True))
    return Evidence(
        reason=reason.name,
        title=reason.title,
        due_at=due,
        have=tuple(piece.title for piece, shown in pieces if shown),
        missing=tuple(piece.title for piece, shown in pieces if not shown),
    )


def _proves(piece: _Piece, line: Row) -> bool:
    return piece.proved_by is not None and line.get(piece.proved_by) is not None
