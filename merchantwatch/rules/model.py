"""The model of a rule: one platform clause made computable, as its pack states it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from merchantwatch.rules.exemption import Exemption
from merchantwatch.rules.penalty import CapScope, Penalty
from merchantwatch.rules.terms import (
    Code,
    Grade,
    Name,
    Predicate,
    Scope,
    Severity,
    Share,
    Source,
    Span,
    span_of,
)
from merchantwatch.texts import Text

ANY_PLATFORM = "any"
"""The platform of a pack whose rules judge the lines of every platform."""

_OWN_SOURCE = Source(clause="-", where="-", confidence="assumed")
_AT_ONCE = "0 hours"
_OWN_ACTION = Text(zh="查看并处理这些订单", en="look at these orders and act")


class Version(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """What a rule says from a day on, where that differs from what its table says.

    Without ``from`` it is as old as the rule; ``until`` is the first day on which it holds no more.
    """

    since: date = date.min
    until: date | None = None
    applies: Predicate | None = None
    due: Predicate | None = None
    done: Predicate | None = None
    when: Predicate | None = None
    penalty: Penalty | None = None
    source: Source | None = None

    def __post_init__(self) -> None:
        """Refuse a version that holds on no day."""
        if self.until is not None and self.until <= self.since:
            raise ValueError("until, the first day on which a version holds no more, is after from")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule or signal.

    Its condition is either a clock (``applies``, ``due``, ``done``) or a plain ``when``; both are
    SQL over the fields of a line. A clock ``while_open`` may do without ``done``: then nothing
    stops it but that it no longer ``applies``. Hits are counted ``per`` scope, of the last
    ``window`` only, and reach the limit at ``at_least`` or beyond ``more_than``, or as a share of
    the lines ``of`` which they are part; ``near`` is where the warning starts. ``day`` is the time
    that says which day and which version (``in_force``) a line belongs to; ``replaced_by`` names
    the rule that follows one whose last version has ended. ``refined_by`` are fields that it reads
    and can do without. A signal has a ``risk`` instead of a limit; that of a clock may be graded by
    how late the line is.
    """

    code: Code
    name: Name
    title: Text
    source: Source = _OWN_SOURCE
    action: Text = _OWN_ACTION
    severity: Severity = "medium"
    consequence: Text | None = None
    example_hit: Text | None = None
    example_miss: Text | None = None
    applies: Predicate | None = None
    due: Predicate | None = None
    done: Predicate | None = None
    start: Predicate | None = None
    while_open: bool = False
    again_every: Span | None = None
    cap: Annotated[int, Meta(ge=1, le=100)] | None = None
    when: Predicate | None = None
    per: Scope = "line"
    at_least: Annotated[int, Meta(ge=1)] | None = None
    more_than: Annotated[int, Meta(ge=0)] | None = None
    near: Annotated[int, Meta(ge=1)] | None = None
    near_before: Span | None = None
    near_after: Span | None = None
    share_at_least: Decimal | None = None
    share_more_than: Decimal | None = None
    share_near: Decimal | None = None
    of: Predicate | None = None
    min_volume: Annotated[int, Meta(ge=1)] | None = None
    day: Predicate | None = None
    window: Span | None = None
    window_days: Annotated[int, Meta(ge=1)] | None = None
    in_force: list[Version] = []
    replaced_by: Code | None = None
    refined_by: list[str] = []
    penalty: Penalty | None = None
    risk: Share | Annotated[list[Grade], Meta(min_length=1)] | None = None
    group: Name | None = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, naming the rule and the fields."""
        for fault in self._faults():
            raise ValueError(f"{self.code}: {fault}")

    def _faults(self) -> list[str]:
        clock = bool(self.applies and self.due)
        strikes = bool(self.again_every)
        checks = {
            "needs either a clock (applies, due, done) or a plain when": clock == bool(self.when),
            "a clock needs done, or while_open": clock and not (self.done or self.while_open),
            "done, start and while_open belong to a clock": not clock
            and bool(self.done or self.start or self.while_open or self.applies),
            "again_every and cap go together, on a clock": strikes != bool(self.cap)
            or (strikes and not clock),
            "near_before and near_after belong to a clock": not clock
            and bool(self.near_before or self.near_after),
            "near_after needs start": bool(self.near_after) != bool(self.start),
            "window and window_days say the same, give one": bool(self.window)
            and bool(self.window_days),
            "a window needs a clock or a day": bool(self.counted_for)
            and not clock
            and not self.day,
            "at_least and more_than exclude each other": self.at_least is not None
            and self.more_than is not None,
            "share_at_least and share_more_than exclude each other": self.share_at_least is not None
            and self.share_more_than is not None,
            "a share needs of and day, and these belong to a share": (self.share is None)
            != (self.of is None)
            or (self.share is not None and self.day is None),
            "a share lies between 0 and 1": any(
                share is not None and not 0 < share < 1
                for share in (self.share_at_least, self.share_more_than, self.share_near)
            ),
            "share_near and min_volume belong to a share": self.share is None
            and bool(self.share_near or self.min_volume),
            "a rule needs at_least, more_than or a share, a signal needs risk": (self.risk is None)
            == (self.at_least is None and self.more_than is None and self.share is None),
            "a scope by day needs day": self.per.endswith("-day") and not self.day,
            "in_force needs day": bool(self.in_force) and not self.day,
            "the versions in in_force must stand from the oldest to the newest": any(
                later.since <= earlier.since
                for earlier, later in zip(self.in_force, self.in_force[1:], strict=False)
            ),
            "group belongs to a signal": bool(self.group) and self.risk is None,
            "a graded risk belongs to a clock": self.graded and not clock,
            "the grades of a risk rise from '0 hours', by time and by risk": self.graded
            and not _rising(self.grades),
            "penalty belongs to a rule, not to a signal": self.is_signal
            and any(penalty is not None for penalty in self.penalties),
            "a penalty for each strike needs a clock that strikes again": not strikes
            and self.each_strike,
        }
        return [fault for fault, broken in checks.items() if broken]

    @property
    def is_clock(self) -> bool:
        """Whether the condition is a clock."""
        return self.when is None

    @property
    def is_signal(self) -> bool:
        """Whether this breaks no limit by itself but raises the intervention risk."""
        return self.risk is not None

    @property
    def ended(self) -> date | None:
        """The first day on which the last version holds no more, of a clause that nothing replaced.

        Who selects such a rule by its whole code or name has later lines judged by it too.
        """
        return self.in_force[-1].until if self.in_force and not self.replaced_by else None

    @property
    def woken(self) -> "Rule":
        """The rule as if its last version had not ended."""
        *older, last = self.in_force
        versions = [*older, msgspec.structs.replace(last, until=None)]
        return msgspec.structs.replace(self, in_force=versions)

    @property
    def graded(self) -> bool:
        """Whether the risk depends on how late a line is."""
        return isinstance(self.risk, list)

    @property
    def grades(self) -> list[Grade]:
        """The risk of a signal from so long after the deadline on; one grade where it is plain."""
        if isinstance(self.risk, list):
            return self.risk
        return [] if self.risk is None else [(_AT_ONCE, self.risk)]

    @property
    def counts(self) -> bool:
        """Whether a number of hits is a limit."""
        return self.at_least is not None or self.more_than is not None

    @property
    def share(self) -> Decimal | None:
        """The share of hits that is a limit."""
        return self.share_more_than if self.share_at_least is None else self.share_at_least

    @property
    def limit(self) -> int | Decimal:
        """The number in the clause, else the share (1 for a signal)."""
        numbers = (self.at_least, self.more_than, self.share, 1)
        return next(number for number in numbers if number is not None)

    @property
    def limit_is(self) -> Literal["at_least", "more_than"]:
        """Whether the limit includes its number (*达*) or excludes it (*超过*)."""
        excluding = self.more_than if self.counts else self.share_more_than
        return "at_least" if excluding is None else "more_than"

    @property
    def counted_for(self) -> str | None:
        """The span before as-of in which hits count."""
        return f"{self.window_days} days" if self.window_days else self.window

    @property
    def penalties(self) -> list[Penalty | None]:
        """The money of each version, from the oldest; of a rule without versions its own."""
        return [version.penalty or self.penalty for version in self.in_force] or [self.penalty]

    @property
    def each_strike(self) -> bool:
        """Whether some version takes money for each strike, and not once for the hit."""
        return any(p is not None and p.each == "strike" for p in self.penalties)

    @property
    def predicates(self) -> dict[str, str]:
        """The SQL of this rule by the field of the pack it stands in."""
        named = {name: getattr(self, name) for name in CONDITIONS}
        return {name: sql for name, sql in named.items() if sql is not None}


def _rising(grades: list[Grade]) -> bool:
    told = [(span_of(span), risk) for span, risk in grades]
    return told[0][0] == span_of(_AT_ONCE) and all(
        earlier[0] < later[0] and earlier[1] < later[1] for earlier, later in pairwise(told)
    )


CONDITIONS = ("when", "applies", "due", "done", "start", "of", "day")
"""The fields of a rule that hold SQL."""


class Risk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the signals of a line add up: the rule that counts them."""

    code: Code
    name: Name
    title: Text
    source: Source
    action: Text
    consequence: Text
    severity: Severity
    near: Annotated[float, Meta(gt=0, lt=1)]
    breached: Annotated[float, Meta(gt=0, lt=1)]


Platform = Annotated[str, Meta(pattern="^[a-z_]+$")]


class PackHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose rules a pack holds, and when they were last held against their sources.

    ``read_until`` is the day up to which the platform's own texts could be read.
    """

    platform: Platform | Annotated[list[Platform], Meta(min_length=1)]
    reviewed: date
    read_until: date | None = None
    title: Text | None = None

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms whose lines the pack judges."""
        return (self.platform,) if isinstance(self.platform, str) else tuple(self.platform)


MOST_RULES = 300
"""How many rules a pack may hold: each costs the database an expression to plan."""


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dated file of rules; in a user's pack ``change`` says single values of others anew."""

    pack: PackHead
    rule: Annotated[list[Rule], Meta(max_length=MOST_RULES)] = []
    change: list[dict[str, Any]] = []
    risk: Risk | None = None


class BoundRule(msgspec.Struct, frozen=True):
    """A rule of a loaded pack, with its platforms and its checked SQL.

    ``reads`` are the fields without which it cannot judge, ``also`` what its SQL names beside (made
    of those, or only more exact by them), ``prices`` the fields of its ``penalty``,
    ``tiers`` the conditions that stand in it; ``caps`` is the most that a group costs on a day.
    """

    rule: Rule
    platforms: tuple[str, ...]
    reviewed: date
    sql: dict[str, str]
    reads: frozenset[str]
    also: frozenset[str] = frozenset()
    penalty: str | None = None
    prices: frozenset[str] = frozenset()
    tiers: tuple[str, ...] = ()
    caps: Mapping[CapScope, str] = {}
    file: str = ""

    @property
    def on_top(self) -> list[Version | None]:
        """The versions whose money comes beside that of other clauses; None: the rule's own."""
        versions: list[Version | None] = [*self.rule.in_force] or [None]
        told = zip(versions, self.rule.penalties, strict=True)
        return [version for version, penalty in told if penalty is not None and penalty.on_top]

    @property
    def about_cases(self) -> bool:
        """Whether the rule judges after-sales cases, by whose application it begins."""
        return "case_applied_at" in self.reads

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code

    def judges(self, platform: str) -> bool:
        """Say whether this rule judges lines of ``platform``."""
        return self.for_all or platform in self.platforms

    @property
    def for_all(self) -> bool:
        """Whether this rule judges the lines of every platform."""
        return ANY_PLATFORM in self.platforms


class Rulebook(msgspec.Struct, frozen=True):
    """The rules and signals of a run, in the order of their packs, and what is exempt from them."""

    rules: tuple[BoundRule, ...]
    risk: Risk | None
    exemptions: tuple[Exemption, ...] = ()

    def of_code(self, code: str) -> BoundRule | None:
        """Return the rule with this code, if it is in the book."""
        return next((bound for bound in self.rules if bound.code == code), None)

    @property
    def signals(self) -> tuple[BoundRule, ...]:
        """The signals alone."""
        return tuple(bound for bound in self.rules if bound.rule.is_signal)

    @property
    def reads(self) -> frozenset[str]:
        """Every field that some rule reads, its money too, and that exemptions ask for."""
        told = (bound.reads | bound.prices for bound in self.rules)
        asked = {"province"} if self.exemptions else set()
        return frozenset[str](asked | self.also).union(*told)

    @property
    def also(self) -> frozenset[str]:
        """Every field that the SQL of some rule names, and that no export has to have."""
        return frozenset[str]().union(*(bound.also for bound in self.rules))
