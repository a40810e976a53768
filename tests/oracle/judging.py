"""Exports in, verdict out."""

from collections import defaultdict
from collections.abc import Sequence, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

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
from oracle.identity import identified
from oracle.lines import Line
from oracle.parcels import with_parcels
from oracle.past import as_it_stood
from oracle.risks import RISK, Risks, intervention, risk_of

DOUYIN = {
    **shipping.RULES,
    **late.RULES,
    **tracking.RULES,
    **traces.DOUYIN,
    **after_sales.RULES,
}
OF_PLATFORM = {
    "douyin": DOUYIN,
    "tmall": {**taobao.TMALL, **traces.TMALL, **taobao.BOTH},
    "taobao": {**taobao.TAOBAO, **traces.TAOBAO, **taobao.BOTH},
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
    """Everything that a report must say: findings by code, shop and key, hits by code and line."""

    accounting: Accounting
    rules: dict[str, RuleVerdict] = field(default_factory=dict)
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    hits: dict[tuple[str, str], str] = field(default_factory=dict)
    risks: dict[str, float] = field(default_factory=dict)
    penalty: Bill | None = None


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
) -> Verdict:
    """Judge exports, oldest first, at a moment, by rules and signals of these `codes`.

    They are Douyin's, or where they are `mapped` their columns are fields; the rules of `platform`
    judge them.
    """
    known_lines = identified(
        [
            list(by_mapping.read_lines([one], platform) if mapped else douyin.read_lines([one]))
            for one in exports
        ]
    )
    read = [line for rows in known_lines for line in rows]
    accounting, current = settle(read, as_of)
    standing = [as_it_stood(replace(line, platform=platform), as_of) for line in current]
    lines = with_parcels(standing, parcels, as_of)
    lines = with_cases(lines, cases, as_of)
    priced = any(
        rule.money and status_of(rule, lines, applies=True) == "evaluated"
        for code, rule in OF_PLATFORM[platform].items()
        if code in codes
    )
    verdict = Verdict(accounting, penalty=Bill() if priced else None)
    signals: dict[str, dict[str, Ruling]] = defaultdict(dict)
    here = OF_PLATFORM[platform] | SIGNALS
    for code, rule in (RULES | SIGNALS).items():
        if code not in codes or (code in SIGNALS and code not in risks):
            continue
        status = status_of(rule, lines, applies=code in here)
        verdict.rules[code] = RuleVerdict(status)
        if status == "evaluated":
            applying = [
                one for one in exemptions if one.covers(code, rule, is_signal=code in SIGNALS)
            ]
            ruled = apply(code, rule, lines, as_of, verdict, applying)
            if code in SIGNALS:
                for line, ruling in ruled:
                    if ruling.state == "hit":
                        signals[line.line_id][code] = as_promised(rule, line, ruling)
    for line in lines:
        found = intervention(line, signals[line.line_id], risks)
        if found is not None:
            verdict.findings[RISK, line.shop or "", line.line_id] = found
    verdict.risks.update({ln: float(risk_of(found, risks)) for ln, found in signals.items()})
    return verdict


def as_promised(rule: Rule, line: Line, ruling: Ruling) -> Ruling:
    """By a computed promise a line is late, and no more than that."""
    if line.promise_stated or "promised_ship_at" not in rule.fields:
        return ruling
    return replace(ruling, late=timedelta())


def apply(
    code: str,
    rule: Rule,
    lines: Sequence[Line],
    as_of: datetime,
    verdict: Verdict,
    exemptions: Sequence[Exemption] = (),
) -> list[tuple[Line, Ruling]]:
    """Write into the verdict what one rule says of all lines, where they are not exempt from it."""
    ruled = [(line, spared(rule, line, as_of, exemptions)) for line in lines]
    verdict.rules[code] = summary(rule, ruled)
    for line, ruling in ruled:
        if ruling.state in ("hit", "near", "exempt"):
            verdict.hits[code, line.line_id] = ruling.state
    if code in RULES:
        findings, costs = findings_of(rule, ruled, as_of), costs_of(rule, ruled)
        for (shop, key), finding in findings.items():
            verdict.findings[code, shop, key] = finding
        for line, ruling in ruled:
            scope = line.shop or "", key_of(rule, line, ruling)
            if verdict.penalty and line.line_id in costs and scope in findings:
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
