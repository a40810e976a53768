"""Packs as their files have them, and the rules of a run: bound, in their order."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from merchantwatch.language.text import Text
from merchantwatch.rules.exemption import Exemption
from merchantwatch.rules.model import Rule, RuleVersion
from merchantwatch.rules.penalty import CapScope
from merchantwatch.rules.suppression import Suppression
from merchantwatch.rules.terms import Code, Name, Severity, Source

ANY_PLATFORM = "any"
"""The platform of a pack whose rules judge the lines of every platform."""


class Risk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The intervention risk: the rule by which the signals of a line add up to a finding."""

    code: Code
    name: Name
    title: Text
    source: Source
    action: Text
    consequence: Text
    severity: Severity
    near: Annotated[float, Meta(gt=0, lt=1)]
    breached: Annotated[float, Meta(gt=0, lt=1)]


Platform = Annotated[str, Meta(pattern="^[a-z_-]+$")]


class PackHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose rules a pack holds, and when they were last compared with their sources.

    ``read_until`` is the day up to which the platform's texts could be read.
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
    """A dated file of rules; in a user's pack ``change`` replaces single values of other rules."""

    pack: PackHead
    rule: Annotated[list[Rule], Meta(max_length=MOST_RULES)] = []
    change: list[dict[str, Any]] = []
    risk: Risk | None = None


class BoundRule(msgspec.Struct, frozen=True):
    """A rule of a loaded pack, with its platforms and its checked SQL.

    ``sql``          its predicates by the field of the pack: when, applies, due, done …
    ``reads``        the fields without which it cannot judge a line
    ``also_names``   further fields in its SQL: derived from those, or only making it more exact
    ``penalty``      the money of a hit; ``prices`` are its fields, ``tiers`` the conditions in it
    ``caps``         the most that a group costs on a day
    ``buyer_day``    the most that a buyer gets by all clauses for what was paid on one day
    ``tz``           the zone whose clocks it judges by, if these are put forward and back
    ``without_end``  of a rule whose clause has ended: the rule that judges later lines, too
    ``changes_at``   when the answers of its predicates may change as as-of advances
    ``advancing``    the predicates whose value itself advances with as-of
    """

    rule: Rule
    platforms: tuple[str, ...]
    reviewed: date
    sql: dict[str, str]
    reads: frozenset[str]
    also_names: frozenset[str] = frozenset()
    penalty: str | None = None
    prices: frozenset[str] = frozenset()
    tiers: tuple[str, ...] = ()
    caps: Mapping[CapScope, str] = {}
    buyer_day: str | None = None
    file: str = ""
    tz: str = ""
    without_end: "BoundRule | None" = None
    changes_at: Mapping[str, tuple[str, ...]] = {}
    advancing: frozenset[str] = frozenset()

    @property
    def on_top(self) -> list[RuleVersion | None]:
        """The versions whose money is added to that of other clauses; None stands for the rule."""
        versions: list[RuleVersion | None] = [*self.rule.in_force] or [None]
        # A rule without versions has one penalty, which is that of the rule itself.
        paired = zip(versions, self.rule.penalties, strict=True)
        return [version for version, penalty in paired if penalty is not None and penalty.on_top]

    @property
    def about_cases(self) -> bool:
        """Whether the rule judges after-sales cases: then it reads when a case was applied for."""
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
    """The rules and signals of a run, in the order of their packs.

    With them are the exemptions, and the suppressions of their findings.
    """

    rules: tuple[BoundRule, ...]
    risk: Risk | None
    exemptions: tuple[Exemption, ...] = ()
    suppressions: tuple[Suppression, ...] = ()

    def of_code(self, code: str) -> BoundRule | None:
        """Return the rule with this code, if it is in the book."""
        return next((bound for bound in self.rules if bound.code == code), None)

    @property
    def signals(self) -> tuple[BoundRule, ...]:
        """The signals alone."""
        return tuple(bound for bound in self.rules if bound.rule.is_signal)

    @property
    def reads(self) -> frozenset[str]:
        """Every field that rules name, for their money, too, and those that exemptions need."""
        read = (bound.reads | bound.prices for bound in self.rules)
        # An exemption may be for a region: that of either end of a parcel's way.
        exempting = {"province", "sender_province"} if self.exemptions else set()
        return frozenset[str](exempting | self.also_names).union(*read)

    @property
    def also_names(self) -> frozenset[str]:
        """Every field that the SQL of rules names although they can judge without it."""
        return frozenset[str]().union(*(bound.also_names for bound in self.rules))
