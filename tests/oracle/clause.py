"""What a clause can say of a line, and how its hits are counted.

Three-valued logic is spelt out: see `Truth`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from oracle.lines import NOT_TO_SHIP, SOMETIME, Line, Truth

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PARCEL_EVENTS = frozenset({"picked_up_at", "delivered_at"})
SHIPPING = PARCEL_EVENTS | {
    *("promised_ship_at", "shipped_at", "pickup_due_at", "last_tracked_at", "out_for_delivery_at")
}
"""What a rule reads that is about shipping."""


@dataclass(frozen=True)
class Ruling:
    """One rule on one line; `next_due` is set while the line could still add to the count."""

    state: str = "clear"
    count: int = 0
    due: datetime | None = None
    late: timedelta | None = None
    next_due: datetime | None = None


CLEAR = Ruling()
UNJUDGED = Ruling("unjudged")


def every(*truths: Truth) -> Truth:
    """AND of SQL: one false decides, else one unknown leaves it unknown."""
    if False in truths:
        return False
    return None if None in truths else True


def some(*truths: Truth) -> Truth:
    """OR of SQL: one true decides, else one unknown leaves it unknown."""
    if True in truths:
        return True
    return None if None in truths else False


def opposite(truth: Truth) -> Truth:
    """NOT of SQL."""
    return None if truth is None else not truth


def is_one(word: str | None, *words: str) -> Truth:
    """IN of SQL: nothing is known of a word that is not there."""
    return None if word is None else word in words


def is_not(word: str | None, *words: str) -> Truth:
    """NOT IN of SQL."""
    return None if word is None else word not in words


def since(at: datetime | None, year: int, month: int, day: int) -> Truth:
    """Whether a text was in force at a time."""
    return None if at is None or at is SOMETIME else at >= datetime(year, month, day)


def later(at: datetime | None, than: datetime | None) -> Truth:
    """Whether one time lies after another."""
    if at is None or than is None or SOMETIME in (at, than):
        return None
    return at > than


def after(at: datetime | None, span: timedelta) -> datetime | None:
    """So long after a time."""
    return None if at is None or at is SOMETIME else at + span


@dataclass(frozen=True)
class Clock:
    """A duty: from when it is due, what has stopped it, and from when it is worth a warning.

    With `again` it is judged anew so long after it was due, `most` times in all. A warning that comes
    `since_start` stays where it is when the deadline moves.
    """

    applies: Truth
    due: datetime | None
    done: datetime | None
    near_from: datetime | None = None
    while_open: bool = False
    again: timedelta | None = None
    most: int = 1
    since_start: bool = False

    def at(self, due: datetime) -> "Clock":
        """The same clock with another deadline."""
        if self.due is None or self.near_from is None or self.since_start:
            return replace(self, due=due)
        return replace(self, due=due, near_from=due - (self.due - self.near_from))

    def run(self, as_of: datetime) -> Ruling:
        """Exactly at the deadline is in time."""
        if self.due is None:
            return UNJUDGED
        if self.done is SOMETIME:  # in time, if there has been no other
            return UNJUDGED if as_of > self.due else CLEAR
        if self.again:
            return self.strikes(self.due, self.again, as_of)
        if (self.done or as_of) > self.due:
            missed = self.done is None or not self.while_open
            late = (self.done or as_of) - self.due
            return Ruling("hit", 1, self.due, late) if missed else CLEAR
        if self.done is not None:
            return CLEAR
        warned = self.near_from is not None and as_of >= self.near_from
        return Ruling("near" if warned else "clear", 0, self.due, next_due=self.due)

    def strikes(self, due: datetime, again: timedelta, as_of: datetime) -> Ruling:
        """The first strike is after the deadline, the next at so long after it."""
        end = self.done or as_of
        count = sum([end > due, *(end >= due + n * again for n in range(1, self.most))])
        running = self.done is None and count < self.most
        next_due = due + count * again if running else None
        return Ruling("hit" if count else "clear", count, due, next_due=next_due)


def by_line(line: Line, _day: str) -> str | None:
    return line.line_id


def by_product(line: Line, _day: str) -> str | None:
    return line.product_id


def by_shop(line: Line, _day: str) -> str | None:
    return line.shop or ""  # the unnamed shop


def by_shop_day(line: Line, day: str) -> str | None:
    return f"{line.shop or ''} {day}".strip() if day else None


def by_shop_month(line: Line, day: str) -> str | None:
    return f"{line.shop or ''} {day[:7]}".strip() if day else None


def by_product_day(line: Line, day: str) -> str | None:
    return f"{line.product_id} {day}" if line.product_id and day else None


@dataclass(frozen=True)
class Rule:
    """One clause: what it reads and says of a line, and how its hits are counted.

    It is either a `clock` or a plain condition (`when`), and then there may be a last day to act `by`. `day` is the time that says which day a
    line counts for, `window` how long before as-of hits count; a share is taken of the lines of
    which `of` is true. From `until` on a clause stands in no text any more, and who does not ask for
    it by its name is not judged by it. `on` says the limit of a day's version, `over_days` what several
    days together lead to; with a `forecast` lines due today that are open count as well. Of the hits
    `a_day` and `a_week` are how many count at most. Without the fields that it is `refined_by` it judges too. Money is due once for each strike, beside that of other clauses where it
    comes `on_top`, and of a shop and a day there may be a `most`, of a buyer and a day of payment a `buyer_day`.
    """

    reads: str
    clock: Callable[[Line, datetime], Clock] | None = None
    when: Callable[[Line, datetime], Truth] | None = None
    by: Callable[[Line], datetime | None] | None = None
    scope: Callable[[Line, str], str | None] = by_line
    breached_from: int = 1
    near_from: int | None = None
    money: Callable[[Line], Decimal | None] | None = None
    each: timedelta | None = None
    most: Callable[[datetime], Decimal | None] | None = None
    on_top: Callable[[Line], Truth] | None = None
    buyer_day: Callable[[Line], Decimal | None] | None = None
    day: Callable[[Line], datetime | None] | None = None
    until: datetime | None = None
    refined_by: str = ""
    forecast: bool = False
    on: Callable[["Rule", date], "Rule"] | None = None
    over_days: Callable[["Rule", Any, datetime], Any] | None = None
    a_day: int | None = None
    a_week: int | None = None
    window: timedelta | None = None
    of: Callable[[Line, datetime], Truth] | None = None
    share_at_least: Decimal = Decimal(0)
    share_more_than: Decimal | None = None
    near_share: Decimal = Decimal(0)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the rule reads."""
        return frozenset(self.reads.split())

    @property
    def export_fields(self) -> frozenset[str]:
        """The fields that only the line's own export, or its case, can supply."""
        return self.fields - PARCEL_EVENTS

    @property
    def of_parcel(self) -> frozenset[str]:
        """The fields that a parcel in another file may supply."""
        return self.fields & PARCEL_EVENTS

    def judge(self, line: Line, as_of: datetime, *, by_name: bool = False) -> Ruling:
        """Unjudged where the line cannot tell."""
        if self.leaves_out(line):
            return CLEAR
        if self.day and self.day(line) is SOMETIME:
            return UNJUDGED
        words = self.fields | {*self.refined_by.split()}
        if not self.export_fields <= line.carried or words & line.unknown:
            return UNJUDGED
        if not by_name and self.has_ended(line):
            return CLEAR
        if self.clock:
            ruling = self.by_clock(line, self.clock(line, as_of), as_of)
        else:
            ruling = self.by_condition(line, as_of)
        return CLEAR if ruling.state == "hit" and not self.counts(line, ruling, as_of) else ruling

    def has_ended(self, line: Line) -> bool:
        """Whether the clause is one of the past on the day of a line."""
        at = self.day(line) if self.day else None
        return self.until is not None and at is not None and at >= self.until

    def leaves_out(self, line: Line) -> bool:
        """Whether the rule asks who ships, and it is not the merchant; a case is answered anyhow."""
        asks = self.fields & SHIPPING and "case_applied_at" not in self.fields
        return bool(asks) and line.fulfilment in NOT_TO_SHIP

    def by_clock(self, line: Line, clock: Clock, as_of: datetime) -> Ruling:
        """A parcel is needed only where the clock runs."""
        if clock.applies is False:
            return CLEAR
        if clock.applies is None or not self.of_parcel <= line.carried:
            return UNJUDGED
        return clock.run(as_of)

    def by_condition(self, line: Line, as_of: datetime) -> Ruling:
        """A parcel is needed, unless it is known that the line was not shipped."""
        not_shipped = "shipped_at" in self.fields and line.shipped_at is None
        if not self.of_parcel <= line.carried and not not_shipped:
            return UNJUDGED
        truth = self.when(line, as_of) if self.when else None
        if truth is None:
            return UNJUDGED
        return Ruling("hit", 1, self.by(line) if self.by else None) if truth else CLEAR

    def counted_on(self, line: Line, ruling: Ruling = CLEAR) -> datetime | None:
        """The time that says for which day a line counts."""
        return self.day(line) if self.day else ruling.due

    def charged_at(self, line: Line, ruling: Ruling) -> list[datetime | None]:
        """The moments at which a hit costs: by its deadline, else by its day."""
        if self.each and ruling.due:
            return [ruling.due + n * self.each for n in range(ruling.count)]
        return [ruling.due or self.counted_on(line)]

    def counts(self, line: Line, ruling: Ruling, as_of: datetime) -> bool:
        """Whether a hit lies in the window; exactly so long ago is outside."""
        at = self.counted_on(line, ruling)
        return self.window is None or (at is not None and at > as_of - self.window)

    def takes_share_of(self, line: Line, as_of: datetime) -> bool:
        """Whether a line is one of those that the share is taken of."""
        if self.of is None or self.leaves_out(line):
            return False
        return self.of(line, as_of) is True and self.counts(line, CLEAR, as_of)


def signal(
    reads: str,
    *,
    clock: Callable[[Line, datetime], Clock] | None = None,
    when: Callable[[Line, datetime], Truth] | None = None,
    refined_by: str = "",
) -> Rule:
    """A signal breaks no limit by itself: it is counted, and adds to the risk of its line."""
    return Rule(reads, clock=clock, when=when, refined_by=refined_by)
