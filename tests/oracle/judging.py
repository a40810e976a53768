"""Exports in, verdict out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from oracle import (
    after_sales,
    douyin,
    globe,
    late,
    mapped as by_mapping,
    others,
    shipping,
    taobao,
    traces,
    tracking,
)
from oracle.cases import with_cases
from oracle.clause import Rule, Ruling
from oracle.counting import (
    Bill,
    Finding,
    RuleVerdict,
    costs_of,
    findings_of,
    key_of,
    status_of,
    summary,
)
from oracle.exempting import Exemption, spared
from oracle.files import CaseExport, Export, ParcelExport
from oracle.identity import Rows, identified
from oracle.ignoring import Ignored
from oracle.lines import Line
from oracle.parcels import with_parcels
from oracle.past import as_it_stood
from oracle.risks import RISK, Risks, intervention, risk_of

Naming = TypeVar("Naming", Exemption, Ignored)

DOUYIN = {
    **shipping.RULES,
    **late.RULES,
    **tracking.RULES,
    **traces.DOUYIN,
    **after_sales.RULES,
}
OF_PLATFORM = {
    "douyin": DOUYIN,
    "tmall": {**taobao.TMALL, **traces.TMALL, **traces.BOTH, **taobao.BOTH},
    "taobao": {**taobao.TAOBAO, **traces.TAOBAO, **traces.BOTH, **taobao.BOTH},
    "tmall-global": globe.GLOBAL,
    "pdd": others.PDD,
    "tiktok": others.TIKTOK,
    "amazon": others.AMAZON,
    **dict.fromkeys(("shopee", "lazada", "temu", "ebay"), others.MARKETPLACES),
}
RULES: dict[str, Rule] = {
    code: one for rules in OF_PLATFORM.values() for code, one in rules.items()
}
SIGNALS: dict[str, Rule] = {**shipping.SIGNALS, **tracking.SIGNALS, **after_sales.SIGNALS}


@dataclass(frozen=True)
class Accounting:
    """Where every row of the order exports went."""

    rows_read: int
    lines: int
    quarantined: int
    superseded: int
    later: int


@dataclass(frozen=True)
class Verdict:
    """Everything that a report must say: findings by code, shop and key, hits by code and line.

    Findings that are `ignored` have the number of their entry; of all `entries` it says what became.
    """

    accounting: Accounting
    rules: dict[str, RuleVerdict] = field(default_factory=dict)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    hits: dict[tuple[str, str], str] = field(default_factory=dict)
    risks: dict[str, float] = field(default_factory=dict)
    penalty: Bill | None = None
    amounts: dict[str, Decimal | None] = field(default_factory=dict)
    ignored: dict[tuple[str, str, str], int] = field(default_factory=dict)
    named: Counter[int] = field(default_factory=Counter)
    entries: list[tuple[str, int]] = field(default_factory=list)

    def add(self, code: str, scope: tuple[str, str], found: Finding, given: "Given") -> None:
        """Add a finding, or set it apart: with the first entry in force that is for it."""
        naming = given.naming(code, found)
        self.named.update(naming)
        today = given.as_of.date()
        entry = next((n for n in naming if today <= given.ignored[n - 1].until), None)
        if entry is None:
            self.findings[code, *scope] = found
        else:
            self.ignored[code, *scope] = entry


@dataclass(frozen=True)
class Given:
    """The lines as they stood, by their ids, and what a merchant adds to them.

    `exemptions` are those of each line; of what is `ignored` nothing is reported.
    """

    as_of: datetime
    lines: Mapping[str, Line]
    exemptions: Mapping[str, Sequence[Exemption]]
    ignored: Sequence[Ignored]

    def exempt(self, line: Line, code: str, rule: Rule) -> list[Exemption]:
        """What exempts a line from a rule."""
        of_line = self.exemptions.get(line.line_id, ())
        return [one for one in of_line if one.covers(code, rule, is_signal=code in SIGNALS)]

    def naming(self, code: str, found: Finding) -> list[int]:
        """The entries that name all lines behind a finding, from 1."""
        lines = [self.lines[line_id] for line_id in found.lines]
        return [n for n, one in enumerate(self.ignored, 1) if one.names(code, lines)]


def judge(
    exports: Sequence[Export],
    parcels: Sequence[ParcelExport],
    as_of: datetime,
    risks: Risks,
    cases: Sequence[CaseExport] = (),
    *,
    platform: str = "douyin",
    mapped: bool = False,
    exemptions: Sequence[Exemption] = (),
    codes: AbstractSet[str] = frozenset({*RULES, *SIGNALS}),
    ignored: Sequence[Ignored] = (),
    by_name: bool = False,
    shop: str = "",
) -> Verdict:
    """Judge exports, oldest first, at a moment, by rules and signals of these `codes`.

    They are Douyin's, or where they are `mapped` their columns are fields; the rules of `platform`
    judge them. What is `ignored` is no finding. Where all rules are selected `by_name`, those that
    have ended judge too. The `shop` is that of exports that name none.
    """
    rows = [
        of_shop(
            one,
            shop,
            by_mapping.read_lines([one], platform) if mapped else douyin.read_lines([one]),
        )
        for one in exports
    ]
    known_lines = identified(rows)
    read = [line for rows in known_lines for line in rows]
    accounting, current = settle(read, as_of)
    standing = [as_it_stood(replace(line, platform=platform), as_of) for line in current]
    lines = with_parcels(standing, parcels, ids_of(rows, as_of), as_of)
    lines = with_cases(lines, cases, as_of)
    priced = any(
        rule.money and status_of(rule, lines, applies=True) == "evaluated"
        for code, rule in OF_PLATFORM[platform].items()
        if code in codes
    )
    verdict = Verdict(accounting, penalty=Bill() if priced else None)
    orders = {line.order_id for line in lines}
    exemptions = [of_what_it_names(one, orders) for one in exemptions]
    ignored = [of_what_it_names(one, orders) for one in ignored]
    exempt = {ln.line_id: [one for one in exemptions if one.is_for(ln)] for ln in lines}
    given = Given(as_of, {ln.line_id: ln for ln in lines}, exempt, ignored)
    verdict.amounts.update((ln.line_id, ln.amount) for ln in lines)
    signals: dict[str, dict[str, Ruling]] = defaultdict(dict)
    here = OF_PLATFORM[platform] | SIGNALS
    for code, rule in (RULES | SIGNALS).items():
        if code not in codes or (code in SIGNALS and code not in risks):
            continue
        status = status_of(rule, lines, applies=code in here)
        verdict.rules[code] = RuleVerdict(status)
        if status == "evaluated":
            selected = replace(rule, until=None) if by_name else rule
            ruled = apply(code, selected, given, verdict)
            if code in SIGNALS:
                for line, ruling in ruled:
                    if ruling.state == "hit":
                        signals[line.line_id][code] = as_promised(rule, line, ruling)
    for line in lines:
        found = intervention(line, signals[line.line_id], risks)
        if found is not None:
            verdict.add(RISK, (line.shop or "", line.line_id), found, given)
    verdict.risks.update({ln: float(risk_of(found, risks)) for ln, found in signals.items()})
    evaluated = [code for code, one in verdict.rules.items() if one.status == "evaluated"]
    judged = {code for code in evaluated if code in RULES} | (
        {RISK} if signals_of(evaluated) else set()
    )
    today = as_of.date()
    verdict.entries.extend(
        (one.state(today, verdict.named[n], judged), verdict.named[n])
        for n, one in enumerate(ignored, 1)
    )
    return verdict


def of_what_it_names(one: Naming, orders: AbstractSet[str | None]) -> Naming:
    """An id that is no order's is that of a line."""
    return one if one.order in orders else replace(one, order="", line=one.order)


def ids_of(rows: Sequence[Rows], as_of: datetime) -> list[tuple[str, str | None]]:
    """The ids that the rows of all exports have, and those of their orders: of what was there."""
    read = [line for some in rows for line in some if line is not None]
    there = [line for line in read if line.created_at is None or line.created_at <= as_of]
    return [(line.line_id, line.order_id) for line in there]


def of_shop(export: Export, shop: str, lines: Iterable[Line | None]) -> list[Line | None]:
    """The lines of an export, with the shop that is named beside it: where they name none it is theirs.

    Of an export that names none it is one shop's: an order of several pieces is no matter then.
    """
    of_one = (
        {"pieces_of_order"} - {*export.headers} if shop and "shop" not in export.headers else set()
    )
    return [
        line and replace(line, shop=line.shop or shop or None, carried=line.carried - of_one)
        for line in lines
    ]


def signals_of(codes: Sequence[str]) -> list[str]:
    """Those that are signals: without any there is no risk."""
    return [code for code in codes if code in SIGNALS]


def as_promised(rule: Rule, line: Line, ruling: Ruling) -> Ruling:
    """By a computed promise a line is late, and no more than that."""
    if line.promise_stated or "promised_ship_at" not in rule.fields:
        return ruling
    return replace(ruling, late=timedelta())


def apply(code: str, rule: Rule, given: Given, verdict: Verdict) -> list[tuple[Line, Ruling]]:
    """Write into the verdict what one rule says of all lines, where they are not exempt from it."""
    ruled = [
        (line, spared(rule, line, given.as_of, given.exempt(line, code, rule)))
        for line in given.lines.values()
    ]
    verdict.rules[code] = summary(rule, ruled)
    for line, ruling in ruled:
        if ruling.state in ("hit", "near", "exempt"):
            verdict.hits[code, line.line_id] = ruling.state
    if code in RULES:
        findings, costs = findings_of(rule, ruled, given.as_of), costs_of(rule, ruled)
        for scope, finding in findings.items():
            verdict.add(code, scope, finding, given)
        for line, ruling in ruled:
            scope = code, line.shop or "", key_of(rule, line, ruling)
            if verdict.penalty and line.line_id in costs and scope in verdict.findings:
                on_top = rule.on_top is not None and rule.on_top(line) is True
                most = rule.buyer_day(line) if rule.buyer_day else None
                verdict.penalty.add(line, costs[line.line_id], most, on_top=on_top)
    return ruled


def settle(read: Sequence[Line | None], as_of: datetime) -> tuple[Accounting, list[Line]]:
    """Where every row went, and the lines to be judged: of each the newest."""
    readable = [line for line in read if line is not None]
    current = {line.line_id: line for line in readable}  # oldest first: the newest stays
    judged = [ln for ln in current.values() if ln.created_at is None or ln.created_at <= as_of]
    accounting = Accounting(
        rows_read=len(read),
        lines=len(judged),
        quarantined=len(read) - len(readable),
        superseded=len(readable) - len(current),
        later=len(current) - len(judged),
    )
    return accounting, judged
