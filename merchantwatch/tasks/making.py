"""Lines and findings → tasks: all that the same act mends is one task."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TypeVar

import msgspec

from merchantwatch.results.records import Finding
from merchantwatch.rules import SEVERITIES, Rule
from merchantwatch.tasks import wording
from merchantwatch.tasks.effects import Scope, Scopes, averts, effect
from merchantwatch.tasks.kinds import kinds
from merchantwatch.tasks.lines import FAR, NO_MONEY, PASSED, Act, Line, Ranked, Row
from merchantwatch.tasks.records import Moment, Task

MOST_LINES = 100
"""How many lines of one task are named; all are counted."""

Key = tuple[str, str, str | None, str]
"""Kind, platform, shop, and what the task is about."""


@dataclass
class Draft:
    """A task that is being made: what it is about, its lines, and of each the acts it is for."""

    key: Key
    parts: list[tuple[Line, list[Act]]] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """The lines that it is about."""
        return [line for line, _ in self.parts]

    @property
    def acts(self) -> list[Act]:
        """What its rules ask for."""
        return [act for _, acts in self.parts for act in acts]

    @property
    def rules(self) -> dict[str, Rule]:
        """Its rules by their codes."""
        return {act.bound.code: act.bound.rule for act in self.acts}


def drafts(rows: Iterable[Row], scopes: Scopes) -> Iterator[tuple[Draft, Ranked]]:
    """Yield the tasks that rows of the engine are of, row by row in the order of their tasks."""
    for ranked, of_task in groupby(rows, key=lambda row: row.ranked):
        lines = [row.line for row in of_task]
        first = lines[0]
        draft = Draft((ranked.kind, first.platform, first.shop, ranked.about))
        draft.parts = [(line, list(_asked(ranked.kind, line, scopes))) for line in lines]
        yield draft, ranked


def _asked(kind: str, line: Line, scopes: Scopes) -> Iterator[Act]:
    """Yield what is asked for by a kind of task: by scopes only where these have a finding."""
    over_at_due = kinds()[kind].over_at_due
    for act in line.acts:
        rule = act.bound.rule
        if kind in rule.tasks and not (over_at_due and act.state == PASSED):
            alone = rule.per == "line"
            if alone or (kind != "review" and scopes.found(act, line.platform, line.shop)):
                yield act


def task_of(draft: Draft, ranked: Ranked, scopes: Scopes) -> Task:
    """Return the task that a draft makes, as grave, urgent and dear as the engine has ranked it."""
    kind, platform, shop, about = draft.key
    lines, per = draft.lines, kinds()[draft.key[0]].per
    counted = list(_counted(draft, scopes))
    timed = _in_order(draft, _ahead(draft, counted))
    moments = timed or _in_order(draft, _at_any_time(draft))
    ids = sorted(dict.fromkeys(line.line_id for line in lines))
    orders = {line.order for line in lines}
    task = Task(
        id=f"{kind}:{platform}:{shop or ''}:{about}",
        kind=kind,
        owner=kinds()[kind].owner,
        severity=SEVERITIES[ranked.rank],
        platform=platform,
        shop=shop,
        order_id=lines[0].order[2] if len(orders) == 1 else None,
        lines=tuple(ids[:MOST_LINES]),
        product_id=_same(line.product_id for line in lines),
        product_name=_same(line.product_name for line in lines),
        quantity=_sum(line.quantity for line in lines),
        amount=_sum(line.amount for line in lines),
        currency=_same(line.currency for line in lines),
        warehouse=_same(line.warehouse for line in lines),
        carrier=_same(line.carrier for line in lines),
        tracking_no=_same(line.tracking_no for line in lines),
        case_id=_same(line.case_id for line in lines) if per == "case" else None,
        due_at=ranked.due_at,
        then=moments[0] if moments else None,
        later=tuple(timed[1:]),
        money_to_save=ranked.to_save,
        money_lost=ranked.lost,
        rules=tuple(sorted({act.bound.code for act in draft.acts if act.state != FAR})),
        effects=tuple(effect(finding, acts) for finding, acts in counted),
        text=wording.NOTHING,
    )
    return msgspec.structs.replace(task, text=wording.text(task, len(ids)))


def _counted(draft: Draft, scopes: Scopes) -> Iterator[tuple[Finding, list[Act]]]:
    """Yield the findings that the acts of a draft are part of, each with these."""
    parts: dict[Scope, tuple[Finding, list[Act]]] = {}
    for line, acts in draft.parts:
        for act in acts:
            finding = scopes.found(act, line.platform, line.shop)
            if finding is not None:
                scope = (finding.code, finding.platform, finding.shop, finding.key)
                parts.setdefault(scope, (finding, []))[1].append(act)
    yield from (parts[scope] for scope in sorted(parts, key=str))


def _ahead(draft: Draft, counted: Sequence[tuple[Finding, list[Act]]]) -> Iterator[Moment]:
    """Yield what happens at known moments if nothing is done: one for each rule and moment."""
    averted = {id(act) for finding, acts in counted if averts(finding, acts) for act in acts}
    found: dict[tuple[datetime, str], list[tuple[Line, Act]]] = {}
    for line, acts in draft.parts:
        for act in acts:
            counts = act.bound.rule.per == "line" or id(act) in averted
            if act.at is not None and counts:
                found.setdefault((act.at, act.bound.code), []).append((line, act))
    for (at, code), parts in found.items():
        rule = parts[0][1].bound.rule
        yield Moment(at, code, rule.consequence or rule.title, _money(parts))


def _money(parts: Sequence[tuple[Line, Act]]) -> Decimal | None:
    """Return what is taken of lines at a moment; None where no clause tells of money."""
    money = [act.money for _, act in parts if act.money is not None]
    money += [
        line.amount
        for line, act in parts
        if act.bound.rule.loses_amount and line.amount is not None
    ]
    return sum(money, NO_MONEY) if money else None


def _at_any_time(draft: Draft) -> Iterator[Moment]:
    """Yield what has been found already, and is over only when it is done."""
    for bound in {act.bound.code: act.bound for act in draft.acts if act.state == PASSED}.values():
        yield Moment(None, bound.code, bound.rule.consequence or bound.rule.title, None)


def _in_order(draft: Draft, moments: Iterable[Moment]) -> list[Moment]:
    """Return moments in their order: of those at once the gravest first, then the dearest."""
    told, rules = list(moments), draft.rules
    if len(told) <= 1:
        return told

    def place(moment: Moment) -> tuple[datetime, int, Decimal, str]:
        at = moment.at or datetime.max  # noqa: DTZ901  wall-clock time
        return (at, -rank(rules[moment.code].severity), -(moment.money or NO_MONEY), moment.code)

    return sorted(told, key=place)


def rank(severity: str) -> int:
    """Return the place of a severity among all, from the mildest."""
    return _RANKS[severity]


_RANKS: Mapping[str, int] = {severity: place for place, severity in enumerate(SEVERITIES)}


_T = TypeVar("_T")


def _same(values: Iterable[_T | None]) -> _T | None:
    """Return what all values are, where they are one."""
    told = dict.fromkeys(values)
    return next(iter(told)) if len(told) == 1 else None


_N = TypeVar("_N", int, Decimal)


def _sum(values: Iterable[_N | None]) -> _N | None:
    """Return the sum of those that are known; None where none is."""
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None
