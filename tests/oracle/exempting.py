"""What the platform has agreed not to count, or from a later moment: hits lifted, deadlines moved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oracle.clause import CLEAR, DAY, Rule, Ruling
from oracle.lines import SOMETIME, Line


@dataclass(frozen=True)
class Exemption:
    """One row of a file of exemptions: what it names of a line holds together.

    Its days are days of payment or of the order, from the first second of the first to the last
    of the last. It moves deadlines to a moment or by a span, or lifts hits.
    """

    order: str = ""
    product: str = ""
    shop: str = ""
    line: str = ""
    rules: str = ""
    counted_by: str = ""
    first: datetime | None = None
    last: datetime | None = None
    extended_to: datetime | None = None
    extend_by: timedelta | None = None
    approved: bool = True

    @property
    def lifts(self) -> bool:
        """Whether it moves no deadline."""
        return self.extended_to is None and self.extend_by is None

    def later(self, at: datetime) -> datetime:
        """The deadline that it gives for one, never an earlier one."""
        return max(at, self.extended_to) if self.extended_to else at + (self.extend_by or 0 * DAY)

    def is_for(self, line: Line) -> bool:
        """Whether it names a line's order or id, its product and its shop, and its day."""
        at = line.paid_at if self.counted_by == "paid" else line.created_at
        return (
            self.order in ("", line.order_id)
            and self.line in ("", line.line_id)
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


LEFT = {"hit": 3, "near": 2}
"""How much is left of a ruling; of one that is open still a little."""


def spared(rule: Rule, line: Line, as_of: datetime, exemptions: Sequence[Exemption]) -> Ruling:
    """What a rule says of a line, and what exemptions from it leave of that: the least of all."""
    ruling = rule.judge(line, as_of)
    if ruling.state == "unjudged" or (ruling.state == "clear" and ruling.next_due is None):
        return ruling
    left = [
        (left_of(new), not one.lifts, -stamp(new.due or ruling.due), place, new)
        for place, one in enumerate(exemptions)
        if one.approved and one.is_for(line)
        for new in [CLEAR if one.lifts else moved(rule, line, ruling, as_of, one)]
        if new is not None
    ]
    if not left:
        return ruling
    new = min(left)[-1]
    if ruling.state == "clear" or new.state in LEFT:
        return new
    return replace(new, state="exempt", count=0)


def left_of(ruling: Ruling) -> int:
    return LEFT.get(ruling.state, 0 if ruling.next_due is None else 1)


def stamp(at: datetime | None) -> float:
    return (at - datetime(2000, 1, 1)).total_seconds() if at else float("-inf")


def moved(
    rule: Rule, line: Line, ruling: Ruling, as_of: datetime, exemption: Exemption
) -> Ruling | None:
    """What a rule says with a later promise, or of a clock of its own with a later end; None where nothing changes."""
    promised = line.promised_ship_at
    later = exemption.later(promised) if promised and promised is not SOMETIME else None
    then = replace(line, promised_ship_at=later) if later else line
    if rule.clock is None:
        new = rule.judge(then, as_of)
        return new if new.state != ruling.state else None
    if not (later and of_the_promise(rule, line, as_of)):
        clock = rule.clock
        ends = clock(line, as_of).due
        end = ends and exemption.later(ends)
        rule = replace(rule, clock=lambda line, as_of: clock(line, as_of).at(end))
        then = line
    new, due = rule.judge(then, as_of), rule.clock(then, as_of).due
    if due is None or ruling.due is None or due <= ruling.due:
        return None
    return replace(new, due=due)


def of_the_promise(rule: Rule, line: Line, as_of: datetime) -> bool:
    """Whether the end of a clock follows from the promise: a far later or earlier one moves it."""
    due = rule.clock(line, as_of).due
    others = (
        replace(line, promised_ship_at=line.promised_ship_at + days * DAY) for days in (3000, -3000)
    )
    return any(rule.clock(other, as_of).due != due for other in others)
