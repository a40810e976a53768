"""What the platform has agreed not to count: hits that an exemption lifts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from oracle.clause import Rule, Ruling
from oracle.lines import Line


@dataclass(frozen=True)
class Exemption:
    """One row of a file of exemptions: what it names of a line holds together.

    Its days are days of payment or of the order, from the first second of the first to the last
    of the last.
    """

    order: str = ""
    product: str = ""
    shop: str = ""
    rules: str = ""
    counted_by: str = ""
    first: datetime | None = None
    last: datetime | None = None
    approved: bool = True

    def is_for(self, line: Line) -> bool:
        """Whether it names a line's order or id, its product and its shop, and its day."""
        at = line.paid_at if self.counted_by == "paid" else line.created_at
        return (
            self.order in ("", line.order_id, line.line_id)
            and self.product in ("", line.product_id)
            and self.shop in ("", line.shop)
            and (self.first is None or (isinstance(at, datetime) and at >= self.first))
            and (self.last is None or (isinstance(at, datetime) and at <= self.last))
        )

    def covers(self, code: str, rule: Rule, *, is_signal: bool) -> bool:
        """Whether it is for a rule. What is about a case, and signals, must be named."""
        if not self.rules:
            return not is_signal and "case_applied_at" not in rule.fields
        named = self.rules.split()
        return any(code.startswith(name) or (is_signal and name == "IR900") for name in named)


def spared(ruling: Ruling, line: Line, exemptions: Sequence[Exemption]) -> Ruling:
    """What exemptions from a rule leave of its ruling: nothing that counts, now or later."""
    lifted = any(one.approved and one.is_for(line) for one in exemptions)
    if not lifted or ruling.state == "unjudged":
        return ruling
    state = "exempt" if ruling.state in ("hit", "near") else ruling.state
    return replace(ruling, state=state, count=0, next_due=None)
