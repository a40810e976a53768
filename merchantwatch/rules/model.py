"""The model of a rule: one platform clause made computable, as its pack states it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from merchantwatch.language.text import Text
from merchantwatch.rules.faults import AT_ONCE, faults
from merchantwatch.rules.penalty import Penalty
from merchantwatch.rules.terms import (
    LIMITS,
    Code,
    Counted,
    Days,
    Grade,
    Limits,
    Name,
    Predicate,
    Scope,
    Severity,
    Share,
    Source,
    Span,
    TaskKind,
)
from merchantwatch.rules.texts import RuleTexts

_NO_SOURCE = Source(clause="-", where="-", confidence="assumed")


class RuleVersion(Limits, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """A version of a rule, in force from a day on: only what differs from the rule's own table.

    The limit may differ only in a scope by day, and is then replaced as a whole. Without ``from``
    the version is as old as the rule; ``until`` is the first day on which it is not in force.
    """

    since: date = date.min
    until: date | None = None
    applies: Predicate | None = None
    due: Predicate | None = None
    done: Predicate | None = None
    when: Predicate | None = None
    of: Predicate | None = None
    penalty: Penalty | None = None
    source: Source | None = None

    def __post_init__(self) -> None:
        """Refuse a version that is in force on no day."""
        if self.until is not None and self.until <= self.since:
            raise ValueError("until, the first day on which a version holds no more, is after from")

    @property
    def limits(self) -> bool:
        """Whether it replaces the limit."""
        return self.counts or self.share is not None


class Rule(RuleTexts, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule or signal, with the fields of its table in a pack (docs/rules.md explains them all).

    *Condition*: a clock (``applies``, ``due``, ``done``) or a plain ``when``; both are SQL over the
    fields of a line. A clock ``while_open`` may do without ``done``: it stops when it no longer
    ``applies``. ``refined_by`` are fields that the condition reads but can do without.

    *Limit*: hits are counted ``per`` scope, those of the last ``window`` if it has one, and reach
    the limit at ``at_least`` or beyond ``more_than``, as a number or as a share of the lines
    ``of``; ``near`` is where the warning starts. ``days`` is how many days must reach the limit
    (or ``one_day`` a higher one), ``running`` how many in a row. A ``forecast`` counts open lines
    that are due today as well; ``counted`` bounds how many hits of a day or a week count.

    *Versions*: ``day`` is the time that gives the day of a line, and so the version (``in_force``)
    that judges it. ``replaced_by`` names the rule that follows one whose last version has ended.

    *Consequence*: a signal has a ``risk`` instead of a limit; that of a clock may be graded by how
    late the line is. ``task`` is the kind of task that the rule creates, if any; with
    ``loses_amount`` the refund is paid automatically after its deadline.
    """

    code: Code
    name: Name
    title: Text
    source: Source = _NO_SOURCE
    severity: Severity = "medium"
    applies: Predicate | None = None
    due: Predicate | None = None
    done: Predicate | None = None
    start: Predicate | None = None
    while_open: bool = False
    again_every: Span | None = None
    cap: Annotated[int, Meta(ge=1, le=100)] | None = None
    when: Predicate | None = None
    per: Scope = "line"
    near_before: Span | None = None
    near_after: Span | None = None
    of: Predicate | None = None
    days: Days | None = None
    one_day: Limits | None = None
    running: Annotated[int, Meta(ge=2)] | None = None
    forecast: bool = False
    counted: Counted | None = None
    day: Predicate | None = None
    window: Span | None = None
    window_days: Annotated[int, Meta(ge=1)] | None = None
    in_force: list[RuleVersion] = msgspec.field(default_factory=list)
    replaced_by: Code | None = None
    refined_by: list[str] = msgspec.field(default_factory=list)
    penalty: Penalty | None = None
    risk: Share | Annotated[list[Grade], Meta(min_length=1)] | None = None
    group: Name | None = None
    task: TaskKind | Annotated[list[TaskKind], Meta(min_length=1)] | None = None
    loses_amount: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule that contradicts itself, naming the rule and the fields."""
        for fault in faults(self):
            raise ValueError(f"{self.code}: {fault}")

    @property
    def is_clock(self) -> bool:
        """Whether the condition is a clock."""
        return self.when is None

    @property
    def has_due(self) -> bool:
        """Whether a line has a deadline by it: that of the clock, or the moment to act ``by``."""
        return self.is_clock or self.by is not None

    @property
    def is_signal(self) -> bool:
        """Whether it has no limit of its own, but raises the intervention risk."""
        return self.risk is not None

    @property
    def ended(self) -> date | None:
        """The first day after the last version, if no other rule replaced it.

        Selected by its whole code or name, such a rule judges later lines, too.
        """
        return self.in_force[-1].until if self.in_force and not self.replaced_by else None

    @property
    def without_end(self) -> "Rule":
        """The rule as if its last version had not ended."""
        *older, last = self.in_force
        versions = [*older, msgspec.structs.replace(last, until=None)]
        return msgspec.structs.replace(self, in_force=versions)

    @property
    def tasks(self) -> tuple[TaskKind, ...]:
        """The kinds of tasks that it creates."""
        kinds = self.task or []
        return tuple(kinds) if isinstance(kinds, list) else (kinds,)

    @property
    def read_for_tasks(self) -> frozenset[str]:
        """The flags of a line that its tasks depend on, whatever its own predicates read."""
        # What is refunded whole is not to be shipped, even where it still counts as late, and what
        # waits for stock cannot be.
        ships = {"ship", "restock"} & {*self.tasks}
        return frozenset({"settled", "out_of_stock"}) if ships else frozenset()

    @property
    def graded(self) -> bool:
        """Whether the risk depends on how late a line is."""
        return isinstance(self.risk, list)

    @property
    def grades(self) -> list[Grade]:
        """The risk of a signal by the time since its deadline; one grade if it is constant."""
        if isinstance(self.risk, list):
            return self.risk
        return [] if self.risk is None else [(AT_ONCE, self.risk)]

    @property
    def limit(self) -> int | Decimal:
        """The number in the clause, else the share (1 for a signal)."""
        numbers = (self.most_days, self.at_least, self.more_than, self.share, 1)
        return next(number for number in numbers if number is not None)

    @property
    def limit_is(self) -> Literal["at_least", "more_than"]:
        """Whether the limit includes its number (*达*) or excludes it (*超过*)."""
        excluding = self.more_than if self.counts else self.share_more_than
        return "at_least" if excluding is None or self.days else "more_than"

    @property
    def by_day(self) -> bool:
        """Whether each day is a separate scope."""
        return self.per.endswith("-day")

    @property
    def by_month(self) -> bool:
        """Whether each calendar month is a separate scope."""
        return self.per.endswith("-month")

    @property
    def most_days(self) -> int | None:
        """How many days must reach the limit: the first number of ``days``, as in "3 of 7"."""
        return int(self.days.split()[0]) if self.days else None

    @property
    def of_days(self) -> int | None:
        """Of how many last days they are counted: the second number of ``days``."""
        return int(self.days.split()[-1]) if self.days else None

    @property
    def alone(self) -> "Rule":
        """The rule with the limit that a single day may reach (``one_day``)."""
        # All fields, also those that one_day leaves out: nothing of the other limit may remain.
        limit = {name: getattr(self.one_day, name, None) for name in LIMITS}
        return msgspec.structs.replace(self, **limit, days=None, one_day=None, forecast=False)

    def on(self, day: date | None) -> "Rule":
        """Return the rule with the limit in force on a day."""
        # That of the newest version with a limit: later ones may have changed only the money.
        found = [v for v in self.in_force if v.limits and day is not None and v.since <= day]
        if not found:
            return self
        limit = {name: getattr(found[-1], name) for name in LIMITS}
        return msgspec.structs.replace(self, **limit)

    @property
    def counted_for(self) -> str | None:
        """The span before as-of in which hits count."""
        return f"{self.window_days} days" if self.window_days else self.window

    @property
    def penalties(self) -> list[Penalty | None]:
        """The money of each version, from the oldest; one entry for a rule without versions."""
        return [version.penalty or self.penalty for version in self.in_force] or [self.penalty]

    @property
    def each_strike(self) -> bool:
        """Whether a version takes money for each strike, and not once for the hit."""
        return any(p is not None and p.each == "strike" for p in self.penalties)

    @property
    def predicates(self) -> dict[str, str]:
        """The SQL of this rule by the field of the pack that holds it."""
        named = {name: getattr(self, name) for name in CONDITIONS}
        return {name: sql for name, sql in named.items() if sql is not None}


CONDITIONS = ("when", "applies", "due", "done", "start", "by", "of", "day")
"""The fields of a rule that hold SQL."""
