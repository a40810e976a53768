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

    ``reads`` are the fields without which it cannot judge, ``also`` what its SQL names beside (made
    of those, or only more exact by them), ``prices`` the fields of its ``penalty``,
    ``tiers`` the conditions that stand in it; ``caps`` is the most that a group costs on a day,
    ``buyer_day`` the most that a buyer gets by all clauses for what was paid on one day.
    ``tz`` is the zone whose clocks it judges by, where these are put forward and back. Of a rule
    whose clause has ended ``woken`` judges the lines since, too. ``changes_at`` are the moments at
    which the answer of a part of its SQL may change as as-of advances; ``moving`` are the parts
    whose values advance with it.
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
    buyer_day: str | None = None
    file: str = ""
    tz: str = ""
    woken: "BoundRule | None" = None
    changes_at: Mapping[str, tuple[str, ...]] = {}
    moving: frozenset[str] = frozenset()

    @property
    def on_top(self) -> list[RuleVersion | None]:
        """The versions whose money adds to that of other clauses; None: a rule without versions."""
        versions: list[RuleVersion | None] = [*self.rule.in_force] or [None]
        paired = zip(versions, self.rule.penalties, strict=True)
        return [version for version, penalty in paired if penalty is not None and penalty.on_top]

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
        """Every field that a rule reads, for its money too, and that exemptions need."""
        read = (bound.reads | bound.prices for bound in self.rules)
        asked = {"province", "sender_province"} if self.exemptions else set()
        return frozenset[str](asked | self.also).union(*read)

    @property
    def also(self) -> frozenset[str]:
        """Every field that the SQL of some rule names, and that no export has to have."""
        return frozenset[str]().union(*(bound.also for bound in self.rules))
