"""Hits counted per scope and compared with the limits."""

# ruff: noqa: DTZ901 - the platform's wall-clock time has no zone

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from oracle.clause import Rule, Ruling
from oracle.lines import Line

Ruled = list[tuple[Line, Ruling]]
Scope = tuple[str, str]
"""The shop, and the key within it."""


@dataclass(frozen=True)
class RuleVerdict:
    """What became of one rule: evaluated, not_evaluated or not_applicable."""

    status: str
    hits: int = 0
    unjudged: int = 0
    uncounted: int = 0


@dataclass(frozen=True)
class Finding:
    """Hits of one scope that reached the limit (breached) or came near it."""

    state: str
    count: int
    due_at: datetime | None
    next_due_at: datetime | None
    amount_at_stake: Decimal | None
    lines: tuple[str, ...]
    risk: float | None = None
    penalty: Decimal | None = None
    forecast: int | None = None


Party = tuple[str, object, date | None]
"""A shop, a buyer (where unknown: an order), and the day of payment."""


class Bill:
    """What all findings cost: of each line the highest clause, and what comes on top by its own.

    What was paid for on one day by one buyer costs so much at most as the highest bound says.
    """

    def __init__(self) -> None:
        self.highest: dict[Party, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.on_top: dict[Party, Decimal] = defaultdict(Decimal)
        self.most: dict[Party, Decimal] = {}

    def add(self, line: Line, paid: Decimal, most: Decimal | None, *, on_top: bool) -> None:
        """Add what one clause takes for a line, and the most that it lets the line's buyer have."""
        party, line_id = party_of(line), line.line_id
        self.on_top[party] += paid if on_top else 0
        self.highest[party][line_id] = max(
            self.highest[party][line_id], Decimal(0) if on_top else paid
        )
        if most is not None:
            self.most[party] = max(most, self.most.get(party, most))

    @property
    def total(self) -> Decimal:
        """All of it."""
        return sum((self.owed(party) for party in self.highest), Decimal(0))

    def owed(self, party: Party) -> Decimal:
        """What one buyer gets for one day."""
        owed = self.on_top[party] + sum(self.highest[party].values(), Decimal(0))
        return min(owed, self.most.get(party, owed))


def party_of(line: Line) -> Party:
    """Who gets the money, and for which day."""
    paid = line.paid_at or line.created_at
    order = ("order", line.order_id) if line.order_id else ("line", line.line_id)
    return line.shop or "", line.buyer or order, paid and paid.date()


def total(lines: Iterable[Line]) -> Decimal | None:
    """The sum of the amounts that are known; None where none is."""
    amounts = [line.amount for line in lines if line.amount is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def worst_first(entry: tuple[Line, Ruling]) -> tuple[bool, datetime, bool, Decimal, str]:
    """Earliest deadline, then most money, then id; what is not known comes last."""
    line, ruling = entry
    due, amount = ruling.due, line.amount
    return due is None, due or datetime.max, amount is None, -(amount or Decimal(0)), line.line_id


def key_of(rule: Rule, line: Line, ruling: Ruling) -> str | None:
    """What a line is counted under; of a scope by day that is the day too."""
    at = rule.counted_on(line, ruling)
    return rule.scope(line, at.date().isoformat() if at else "")


@dataclass(frozen=True)
class Totals:
    """The lines of one scope: hit, open though due today, and those that a share is taken of."""

    hits: int
    open: int
    volume: int

    @property
    def forecast(self) -> int:
        """How many are hit if nothing is done."""
        return self.hits + self.open

    def breaks(self, rule: Rule) -> bool:
        """Whether the hits reach both the number and the share."""
        return self.reach(rule, self.hits)

    def foreseen(self, rule: Rule) -> bool:
        """Whether they will, if nothing is done."""
        return not self.breaks(rule) and self.reach(rule, self.forecast)

    def reach(self, rule: Rule, count: int) -> bool:
        """Whether a count reaches the limit."""
        if rule.share_more_than is not None:
            dense = count > rule.share_more_than * self.volume
        else:
            dense = count >= rule.share_at_least * self.volume
        return self.volume > 0 and count >= rule.breached_from and dense


Verdicts = dict[Scope, tuple[str, int, int | None]]
"""Scope -> state, count, and what is foreseen."""


def totals(rule: Rule, ruled: Ruled, as_of: datetime) -> dict[Scope, Totals]:
    """The sums of each scope that has a line with a word of the rule."""
    scopes = scopes_of(rule, ruled)
    return {scope: sums(rule, entries, as_of) for scope, entries in scopes.items()}


def sums(rule: Rule, ruled: Ruled, as_of: datetime) -> Totals:
    return Totals(
        sum(ruling.count for _, ruling in ruled),
        sum(ruling.state == "near" for _, ruling in ruled),
        sum(rule.takes_share_of(line, as_of) for line, _ in ruled),
    )


def scopes_of(rule: Rule, ruled: Ruled) -> dict[Scope, Ruled]:
    """The lines of each scope, which lies within one shop, but for those that were not judged."""
    scopes: dict[Scope, Ruled] = defaultdict(list)
    for line, ruling in ruled:
        key = key_of(rule, line, ruling)
        if key is not None and ruling.state != "unjudged":
            scopes[line.shop or "", key].append((line, ruling))
    return scopes


def counted(rule: Rule, ruled: Ruled) -> int:
    """How many hits count: at most `a_day` of a day and `a_week` of a week, which begins on Monday."""
    count = sum(ruling.count for _, ruling in ruled)
    if rule.a_day is None or rule.a_week is None:
        return count
    days: dict[date, int] = defaultdict(int)
    for line, ruling in ruled:
        at = rule.counted_on(line, ruling)
        if ruling.state == "hit" and at is not None:
            days[at.date()] += ruling.count
    weeks: dict[tuple[int, int], int] = defaultdict(int)
    for day, hits in days.items():
        weeks[day.isocalendar()[:2]] += min(hits, rule.a_day)
    return sum(min(hits, rule.a_week) for hits in weeks.values())


def state_of(rule: Rule, ruled: Ruled, as_of: datetime) -> str | None:
    """Whether the hits of one scope are many enough; a share counts beside the number."""
    count = counted(rule, ruled)
    warned = any(ruling.state == "near" for _, ruling in ruled)
    if rule.of is None:
        if count >= rule.breached_from:
            return "breached"
        return "near" if warned or (rule.near_from and count >= rule.near_from) else None
    volume = sum(rule.takes_share_of(line, as_of) for line, _ in ruled)
    dense = count >= rule.share_at_least * volume
    if rule.share_more_than is not None:
        dense = count > rule.share_more_than * volume
    if volume and count >= rule.breached_from and dense:
        return "breached"
    if rule.forecast and sums(rule, ruled, as_of).foreseen(rule):
        return "near"
    close = rule.near_from and count >= rule.near_from and count >= rule.near_share * volume
    return "near" if volume and close else None


Costs = dict[str, Decimal]
"""Line -> what it costs; of some the clause, or the amount, tells nothing."""


def costs_of(rule: Rule, ruled: Ruled) -> Costs:
    """What each hit costs: the first charges of a shop and a day leave less to the later ones."""
    charges = []
    for line, ruling in ruled:
        price = rule.money(line) if rule.money and ruling.state == "hit" else None
        if price is not None:
            times = rule.charged_at(line, ruling)
            charges += [(at or datetime.min, line.line_id, line.shop, price) for at in times]
    spent: dict[tuple[str | None, date], Decimal] = defaultdict(Decimal)
    costs: Costs = {}
    for at, line_id, shop, price in sorted(charges, key=lambda charge: charge[:2]):
        most = rule.most(at) if rule.most else None
        paid = price if most is None else min(price, most - spent[shop, at.date()])
        spent[shop, at.date()] += paid
        costs[line_id] = costs.get(line_id, Decimal(0)) + paid
    return costs


def find(rule: Rule, ruled: Ruled, costs: Costs, as_of: datetime) -> Finding | None:
    """The finding of one scope, if its hits are many enough."""
    at = next((rule.counted_on(line, ruling) for line, ruling in ruled), None)
    rule = rule.on(rule, at.date()) if rule.on and at else rule
    state = state_of(rule, ruled, as_of)
    if state is None:
        return None
    totals = sums(rule, ruled, as_of) if rule.forecast and state == "near" else None
    forecast = totals.forecast if totals and totals.foreseen(rule) else None
    return finding(ruled, costs, (state, counted(rule, ruled), forecast))


def finding(ruled: Ruled, costs: Costs, verdict: tuple[str, int, int | None]) -> Finding | None:
    """A finding: its state, count and forecast, and what its lines tell."""
    state, count, forecast = verdict
    shown = ("hit", "near") if state == "near" else ("hit",)
    members = sorted((entry for entry in ruled if entry[1].state in shown), key=worst_first)
    if not members:
        return None
    paid = [costs[line.line_id] for line, _ in members if line.line_id in costs]
    return Finding(
        state=state,
        count=count,
        due_at=min((r.due for _, r in members if r.due), default=None),
        next_due_at=min((r.next_due for _, r in ruled if r.next_due), default=None),
        amount_at_stake=total(line for line, _ in members),
        lines=tuple(line.line_id for line, _ in members),
        penalty=sum(paid, Decimal(0)) if paid else None,
        forecast=forecast,
    )


def findings_of(rule: Rule, ruled: Ruled, as_of: datetime) -> dict[Scope, Finding]:
    """The findings of one rule by their scope."""
    scopes, costs = scopes_of(rule, ruled), costs_of(rule, ruled)
    if rule.over_days:
        verdicts = rule.over_days(rule, ruled, as_of)
        found = {
            scope: finding(scopes[scope], costs, verdict) for scope, verdict in verdicts.items()
        }
    else:
        found = {scope: find(rule, entries, costs, as_of) for scope, entries in scopes.items()}
    return {scope: finding for scope, finding in found.items() if finding is not None}


def status_of(rule: Rule, lines: Sequence[Line], *, applies: bool) -> str:
    """Without a line there is nothing to judge; where no line carries what is read, no way to."""
    if not lines or not applies:
        return "not_applicable"
    is_known = any(rule.export_fields <= line.carried for line in lines)
    # A parcel may stand in another file than the line: it is looked for separately.
    traced = all(any(event in line.carried for line in lines) for event in rule.of_parcel)
    return "evaluated" if is_known and traced else "not_evaluated"


def summary(rule: Rule, ruled: Ruled) -> RuleVerdict:
    """The counts of an evaluated rule."""
    hits = [(line, ruling) for line, ruling in ruled if ruling.state == "hit"]
    return RuleVerdict(
        status="evaluated",
        hits=len(hits),
        unjudged=sum(ruling.state == "unjudged" for _, ruling in ruled),
        uncounted=sum(key_of(rule, line, ruling) is None for line, ruling in hits),
    )
