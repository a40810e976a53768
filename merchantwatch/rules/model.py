"""The model of a rule: one platform clause made computable, as its pack states it."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from merchantwatch.texts import Text

Severity = Literal["low", "medium", "high", "critical"]
Scope = Literal["line", "order", "product", "shop"]
Confidence = Literal["official", "reprinted", "seed", "assumed"]

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
"""From the mildest to the gravest."""

ANY_PLATFORM = "any"
"""The platform of a pack whose rules judge the lines of every platform."""

_SPAN = re.compile(r"(\d+) (second|minute|hour|day)s?")

Code = Annotated[str, Meta(pattern="^[A-Z]+[0-9]+$", max_length=20)]
Name = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Predicate = Annotated[str, Meta(min_length=1, max_length=4000)]
Span = Annotated[str, Meta(pattern=f"^{_SPAN.pattern}$")]


def span_sql(span: str) -> str:
    """Return ``24 hours`` as the SQL interval of the pipeline's dialect."""
    match = _SPAN.fullmatch(span)
    if match is None:
        raise ValueError(f"{span!r} is no span of time, write it like '24 hours'")
    return f"interval '{match[1]}' {match[2]}"


def span_of(span: str) -> timedelta:
    """Return ``24 hours`` as a length of time."""
    number, unit = span.split()
    return timedelta(**{unit.rstrip("s") + "s": int(number)})


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a number comes from: the clause, where it was read, and how sure it is."""

    clause: str
    where: str
    confidence: Confidence


_OWN_SOURCE = Source(clause="-", where="-", confidence="assumed")
_OWN_ACTION = Text(zh="查看并处理这些订单", en="look at these orders and act")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule or signal.

    Its condition is either a clock (``applies``, ``due``, ``done``) or a plain ``when``; both are
    SQL over the fields of a line. Hits are counted ``per`` scope and reach the limit at
    ``at_least`` or beyond ``more_than``; ``near`` is where the warning starts. A signal has a
    ``risk`` instead of a limit.
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
    window_days: Annotated[int, Meta(ge=1)] | None = None
    risk: Annotated[float, Meta(gt=0, lt=1)] | None = None
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
            "a clock needs done": clock and not self.done,
            "done, start and while_open belong to a clock": not clock
            and bool(self.done or self.start or self.while_open or self.applies),
            "again_every and cap go together, on a clock": strikes != bool(self.cap)
            or (strikes and not clock),
            "near_before and near_after belong to a clock": not clock
            and bool(self.near_before or self.near_after),
            "near_after needs start": bool(self.near_after) != bool(self.start),
            "window_days belongs to a clock": bool(self.window_days) and not clock,
            "at_least and more_than exclude each other": self.at_least is not None
            and self.more_than is not None,
            "a rule needs at_least or more_than, a signal needs risk": (self.risk is None)
            == (self.at_least is None and self.more_than is None),
            "group belongs to a signal": bool(self.group) and self.risk is None,
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
    def limit(self) -> int:
        """The number in the clause (1 for a signal)."""
        return next(n for n in (self.at_least, self.more_than, 1) if n is not None)

    @property
    def limit_is(self) -> Literal["at_least", "more_than"]:
        """Whether the limit includes its number (*达*) or excludes it (*超过*)."""
        return "at_least" if self.more_than is None else "more_than"

    @property
    def predicates(self) -> dict[str, str]:
        """The SQL of this rule by the field of the pack it stands in."""
        named = {
            "when": self.when,
            "applies": self.applies,
            "due": self.due,
            "done": self.done,
            "start": self.start,
        }
        return {name: sql for name, sql in named.items() if sql is not None}


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


class PackHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose rules a pack holds, and when they were last held against their sources."""

    platform: Annotated[str, Meta(pattern="^[a-z_]+$")]
    reviewed: date
    title: Text | None = None


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dated file of one platform's rules."""

    pack: PackHead
    rule: list[Rule] = []
    risk: Risk | None = None


class BoundRule(msgspec.Struct, frozen=True):
    """A rule of a loaded pack, with its platform, its checked SQL and the fields it reads."""

    rule: Rule
    platform: str
    reviewed: date
    sql: dict[str, str]
    reads: frozenset[str]

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code

    def judges(self, platform: str) -> bool:
        """Say whether this rule judges lines of ``platform``."""
        return self.platform in (platform, ANY_PLATFORM)


class Rulebook(msgspec.Struct, frozen=True):
    """The rules and signals of a run, in the order of their packs."""

    rules: tuple[BoundRule, ...]
    risk: Risk | None

    def of_code(self, code: str) -> BoundRule | None:
        """Return the rule with this code, if it is in the book."""
        return next((bound for bound in self.rules if bound.code == code), None)

    @property
    def signals(self) -> tuple[BoundRule, ...]:
        """The signals alone."""
        return tuple(bound for bound in self.rules if bound.rule.is_signal)

    @property
    def reads(self) -> frozenset[str]:
        """Every field that some rule reads."""
        return frozenset[str]().union(*(bound.reads for bound in self.rules))
