"""Ranked tasks and findings → tasks: everything that one act resolves is one task."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from merchantwatch.results.records import Finding, FindingKey
from merchantwatch.rules import SEVERITIES, Rule
from merchantwatch.tasks import wording
from merchantwatch.tasks.effects import Scopes, averts, effect, threatens
from merchantwatch.tasks.kinds import kinds
from merchantwatch.tasks.lines import FAR, NO_MONEY, PASSED
from merchantwatch.tasks.ranked import ActGroup, Ranked
from merchantwatch.tasks.records import Moment, Task


def task_of(ranked: Ranked, scopes: Scopes) -> Task:
    """Return the task of a ranked one: severity, deadline and money are those of the engine."""
    kind = kinds()[ranked.kind]
    # A task joins the acts of several rules on its lines; each may count towards a finding.
    found = [(act, scopes.found(act, ranked.platform, ranked.shop)) for act in ranked.acts]
    # A rule of a scope asks for nothing where that has no finding.
    acts = [act for act, finding in found if finding or act.bound.rule.per == "line"]
    counted = _counted(found)
    timed = _in_order(_upcoming(acts, counted))
    moments = timed or _in_order(_at_any_time(acts, counted))
    task = Task(
        id=ranked.id,
        kind=ranked.kind,
        owner=kind.owner,
        severity=SEVERITIES[ranked.rank],
        platform=ranked.platform,
        shop=ranked.shop,
        order_id=ranked.order_key,
        lines=tuple(ranked.line_ids),
        order_ids=tuple(ranked.order_ids),
        product_id=ranked.product_id,
        product_name=ranked.product_name,
        quantity=ranked.quantity,
        amount=ranked.amount,
        currency=ranked.currency,
        warehouse=ranked.warehouse,
        carrier=ranked.carrier,
        tracking_no=ranked.tracking_no,
        case_id=ranked.case_id if kind.per == "case" else None,
        due_at=ranked.due_at,
        then=moments[0][0] if moments else None,
        later=tuple(moment for moment, _ in timed[1:]),
        money_to_save=ranked.money_to_save,
        money_lost=ranked.money_lost,
        rules=tuple(sorted({act.bound.code for act in acts if act.state != FAR})),
        effects=tuple(effect(finding, acts) for finding, acts in counted),
        text=wording.NOTHING,
    )
    return msgspec.structs.replace(task, text=wording.text(task, ranked.line_count))


def _counted(
    found: Iterable[tuple[ActGroup, Finding | None]],
) -> list[tuple[Finding, list[ActGroup]]]:
    """Return the findings that acts are part of, each with these."""
    parts: dict[FindingKey, tuple[Finding, list[ActGroup]]] = {}
    for act, finding in found:
        if finding is not None:
            scope = finding.known_by
            parts.setdefault(scope, (finding, []))[1].append(act)
    # As text, since the shop of a scope may be None.
    return [parts[scope] for scope in sorted(parts, key=str)]


def _upcoming(
    acts: Sequence[ActGroup], counted: Sequence[tuple[Finding, list[ActGroup]]]
) -> Iterator[tuple[Moment, Rule]]:
    """Yield what happens at known moments if nothing is done: one for each rule and moment."""
    # By identity: an ActGroup can change, so it has no hash.
    averted = {id(act) for finding, acts in counted if averts(finding, acts) for act in acts}
    found: dict[tuple[datetime, str], list[ActGroup]] = {}
    for act in acts:
        # Of a count an act averts something only where these lines would reach the limit.
        if act.at is not None and (act.bound.rule.per == "line" or id(act) in averted):
            found.setdefault((act.at, act.bound.code), []).append(act)
    for (at, code), parts in found.items():
        rule = parts[0].bound.rule
        # Unknown is not 0: a clause that takes no money has no amount.
        money = [act.money for act in parts if act.money is not None]
        cost = sum(money[1:], money[0]) if money else None
        yield Moment(at, code, rule.consequence or rule.title, cost), rule


def _at_any_time(
    acts: Sequence[ActGroup], counted: Sequence[tuple[Finding, list[ActGroup]]]
) -> Iterator[tuple[Moment, Rule]]:
    """Yield what has been found already, and is over only when it is done."""
    threats = {id(act) for finding, acts in counted if threatens(finding, acts) for act in acts}
    passed = (a for a in acts if a.state == PASSED)
    found = {
        a.bound.code: a.bound.rule for a in passed if a.bound.rule.per == "line" or id(a) in threats
    }
    for code, rule in found.items():
        yield Moment(None, code, rule.consequence or rule.title, None), rule


def _in_order(moments: Iterable[tuple[Moment, Rule]]) -> list[tuple[Moment, Rule]]:
    """Return moments in order; those at one time: the most severe first, then the most money."""

    def place(of: tuple[Moment, Rule]) -> tuple[datetime, int, Decimal, str]:
        moment, rule = of
        # What has no moment comes last.
        at = moment.at or datetime.max  # noqa: DTZ901  wall-clock time
        return (at, -rank(rule.severity), -(moment.money or NO_MONEY), moment.code)

    return sorted(moments, key=place)


def rank(severity: str) -> int:
    """Return the place of a severity among all, from the mildest."""
    return _RANKS[severity]


_RANKS: Mapping[str, int] = {severity: place for place, severity in enumerate(SEVERITIES)}
