"""Lines that would add to a limit → the products and shops that break it unless enough are shipped.

A rule that counts days (``days``) is not weighed: how many lines keep today from becoming another
bad day depends on days that are over. A plan names its findings instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from msgspec import Struct, field

from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import Rule, span_of
from merchantwatch.tasks.effects import Scopes
from merchantwatch.tasks.lines import NO_MONEY, Act, Line

NEXT = timedelta(hours=24)
"""From as-of to the next judgement: what is due later can be packed tomorrow."""

Place = tuple[str, str | None, str]
"""Platform, shop, and the id of an order or a product; "" of the shop itself."""


class Limit(Struct, eq=False):
    """How many more lines may be late by a rule in one scope, and which orders add how many.

    ``uploaded`` are lines that a carrier is to be given: a plan takes for granted that they are.
    """

    allowed: int
    adding: dict[Place, int] = field(default_factory=dict)
    uploaded: int = 0

    @property
    def need(self) -> int:
        """How many of the lines to pack are to be packed."""
        return sum(self.adding.values()) - self.allowed

    @property
    def beyond(self) -> int:
        """By how many lines the limit is broken if nothing is done."""
        return self.need + self.uploaded

    def kept_by(self, orders: AbstractSet[Place]) -> bool:
        """Say whether packing these orders keeps the scope below its limit."""
        return sum(n for order, n in self.adding.items() if order in orders) >= self.need


class Danger(Struct, eq=False, dict=True):
    """A product or a shop that breaks a limit unless enough of its lines are shipped.

    ``limits`` are by the code of the rule and the key of its scope, which may be a day. A danger is
    named after the rule that is broken the most, once all its lines are known.
    """

    place: Place
    worth: Decimal = NO_MONEY
    limits: dict[tuple[str, str], Limit] = field(default_factory=dict)

    @cached_property
    def code(self) -> str:
        """The rule that is broken the most if nothing is done."""
        # Sorted first: of equals the first code, in whatever order lines came.
        return max(sorted(self.limits), key=lambda of: self.limits[of].beyond)[0]

    @cached_property
    def need(self) -> int:
        """How many lines are to be packed for the rule that needs the most."""
        return max(0, *(limit.need for limit in self.limits.values()))

    @property
    def threatens(self) -> bool:
        """Whether a limit is broken if nothing is done, and some of its lines can be shipped."""
        limits = self.limits.values()
        broken = any(limit.beyond > 0 for limit in limits)
        return broken and any(limit.adding or limit.uploaded for limit in limits)

    def averted_by(self, orders: AbstractSet[Place]) -> bool:
        """Say whether packing these orders keeps all rules below their limits."""
        return all(limit.kept_by(orders) for limit in self.limits.values())


def endangers(rule: Rule) -> bool:
    """Say whether unshipped lines may break a limit of a product or shop that shipping them keeps.

    So it is a clock that shipping stops, and counts: lines, or the strikes of one line.
    """
    several = rule.per.partition("-")[0] in ("product", "shop") or _by_strikes(rule)
    return several and rule.is_clock and not rule.days and fixed_by_shipping(rule)


def fixed_by_shipping(rule: Rule) -> bool:
    """Say whether a rule asks for something that is done once a line is shipped."""
    return "ship" in rule.tasks or (rule.is_clock and "restock" in rule.tasks)


def _by_strikes(rule: Rule) -> bool:
    # With nothing allowed the first strike breaks the limit, and its cost is in the parcel.
    return rule.per == "line" and rule.again_every is not None and _most(rule) > 0


def _most(rule: Rule) -> int:
    """Return how much a limit of a count allows."""
    return rule.at_least - 1 if rule.at_least is not None else rule.more_than or 0


def unweighed(rules: Mapping[str, Rule], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings near a limit that counts days, which shipping would keep below it."""
    near = (f for f in findings if f.state == "near" and f.code in rules)
    return tuple(f for f in near if rules[f.code].days and fixed_by_shipping(rules[f.code]))


class Dangers(Struct, frozen=True):
    """The products and shops that lines endanger between two moments.

    Before ``until`` nothing is shipped, and what happens after ``end`` is not looked at.
    ``counts`` are the lines that rules have counted already, by scope.
    """

    scopes: Scopes
    counts: Mapping[FindingKey, int]
    until: datetime
    end: datetime
    found: dict[Place, Danger] = field(default_factory=dict)

    def add(self, line: Line, act: Act) -> None:
        """Count a line that would add to a limit which is not broken yet, or surely does."""
        rule, scope = act.bound.rule, self._scope(line, act)
        allowed = self._allowed(rule, scope) if scope else None
        # What is broken already costs the same, whatever is packed.
        if scope is None or allowed is None or allowed < 0:
            return
        product = "" if rule.per.startswith("shop") else line.product_id
        if product is None:
            return
        place = (line.platform, line.shop, product)
        limits = self.found.setdefault(place, Danger(place)).limits
        limit = limits.setdefault((rule.code, scope.key or ""), Limit(allowed))
        # One line may add several strikes before the end, each at its own moment.
        for at in self._moments(rule, act):
            self._count(limit, line, at)

    def _count(self, limit: Limit, line: Line, at: datetime) -> None:
        # No packing is in time for these, so they use up what is allowed.
        if at < self.until or line.out_of_stock:
            limit.allowed -= 1
        elif line.uploaded:
            limit.uploaded += 1
        else:
            limit.adding[line.order] = limit.adding.get(line.order, 0) + 1

    def _moments(self, rule: Rule, act: Act) -> Iterator[datetime]:
        """Yield when a line adds to a limit until the end: once, or each time it is judged."""
        at = act.at
        while at is not None and at <= self.end:
            yield at
            at = at + span_of(rule.again_every) if rule.again_every else None

    def _scope(self, line: Line, act: Act) -> FindingKey | None:
        """Return the scope that a line would add to by a rule, if it endangers anything."""
        rule = act.bound.rule
        if not endangers(rule):
            return None
        # An act of a rule by line has no key: the line is its scope.
        key = line.line_id if rule.per == "line" else act.key
        return None if key is None else FindingKey(rule.code, line.platform, line.shop, key)

    def _allowed(self, rule: Rule, scope: FindingKey) -> int | None:
        """Return how many more lines may be late before a limit is reached, if that is known.

        How many a share allows is known where the finding says so: it is near.
        """
        if rule.share is None:
            return _most(rule) - self.counts.get(scope, 0)
        finding = self.scopes.findings.get(scope)
        # How many lines a share allows depends on its volume, which only a finding has.
        rate = finding.rate if finding is not None and finding.state == "near" else None
        return rate.left if rate else None
